/* expfs prune: takes away what runs that were not completed have stored.
 * Knows the command line; the format does the work.
 * Called by main. */
#include "fs/verbs/operate.h"

static int
run (int argc, char **argv)
{
  static const ExpOperateSwitch switches[] = { { "everywhere", 0, FALSE }, { NULL, 0, FALSE } };
  static const ExpOperateVerb prune
      = { .verb = &exp_verb_prune, .place = "a trajectory, STORE:TRAJECTORY,", .switches = switches };

  return exp_operate_run (&prune, argc, argv);
}

const ExpVerb exp_verb_prune = {
  .name = "prune",
  .arguments = "STORE:TRAJECTORY [--everywhere] [-n] [-o OPTION,...]",
  .help = "Remove what runs that were not completed have stored",
  .switches = "  --everywhere                also where the release of pypet that began the trajectory does not "
              "look\n" EXP_OPERATE_SWITCHES,
  .run = run,
};
