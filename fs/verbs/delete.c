/* expfs delete: takes away leaves, items of one, groups and trajectories.
 * Knows the command line; the format does the work.
 * Called by main. */
#include "fs/verbs/operate.h"

static int
run (int argc, char **argv)
{
  static const ExpOperateSwitch switches[]
      = { { "recursive", 'r', FALSE }, { "remove-empty-groups", 'p', FALSE }, { NULL, 0, FALSE } };
  static const ExpOperateVerb delete = {
    .verb = &exp_verb_delete,
    .place = "a path in a store, STORE:PATH,",
    .is_of_child = TRUE,
    .switches = switches,
  };

  return exp_operate_run (&delete, argc, argv);
}

const ExpVerb exp_verb_delete = {
  .name = "delete",
  .arguments = "STORE:PATH [-r] [-p] [-n] [-o OPTION,...]",
  .help = "Remove a leaf, an item of one, a group or a trajectory",
  .switches
  = "  -r, --recursive             a group or a trajectory with all that is in it\n"
    "  -p, --remove-empty-groups   the groups as well that become empty by it, up to the branch\n" EXP_OPERATE_SWITCHES,
  .run = run,
};
