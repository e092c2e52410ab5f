/* expfs merge: takes the runs of one trajectory into another.
 * Knows the command line; the format does the work.
 * Called by main. */
#include "fs/verbs/operate.h"

static int
run (int argc, char **argv)
{
  static const ExpOperateSwitch switches[]
      = { { "move", 'm', FALSE },    { "delete", 'd', FALSE }, { "remove-duplicates", 'u', FALSE },
          { "trial", 't', TRUE },    { "ignore", 'i', TRUE },  { "rename", 'r', TRUE },
          { "no-config", 0, FALSE }, { "no-info", 0, FALSE },  { "no-other-info", 0, FALSE },
          { NULL, 0, FALSE } };
  static const ExpOperateVerb merge = { .verb = &exp_verb_merge,
                                        .place = "a trajectory, STORE:TRAJECTORY,",
                                        .words = "the trajectory that is to be merged into it",
                                        .max_words = 1,
                                        .has_other = TRUE,
                                        .is_of_child = TRUE,
                                        .switches = switches };

  return exp_operate_run (&merge, argc, argv);
}

const ExpVerb exp_verb_merge = {
  .name = "merge",
  .arguments = "STORE:TRAJECTORY OTHER[:TRAJECTORY] [SWITCH...] [-n] [-o OPTION,...]",
  .help = "Merge another trajectory into one",
  .switches = "  -m, --move                  move what is merged out of the other trajectory, do not copy it\n"
              "  -d, --delete                delete the other trajectory\n"
              "  -u, --remove-duplicates     leave out runs whose explored values exist already\n"
              "  -t, --trial PARAMETER       go on counting this parameter's values\n"
              "  -i, --ignore NAME           leave out what has this full name (a glob), and all below it\n"
              "  -r, --rename OLD=NEW        merge it under another full name\n"
              "      --no-config             leave out the other's git, environment and merge settings\n"
              "      --no-info               note nothing of the merge in config.merge\n"
              "      --no-other-info         note nothing of the other trajectory there\n" EXP_OPERATE_SWITCHES,
  .run = run,
};
