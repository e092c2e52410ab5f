/* Sensory stimuli: what was shown, and the text that says so.
 * Knows how they are shown.
 * Called by entry.c. */
#include "expfs/memory_node.h"
#include "mozaik.h"

ExpNode *
exp_mozaik_stimulus_children (const ExpMozaikEntry *entry)
{
  g_autoptr (ExpArray) text = exp_array_new_text (entry->stimulus->text);
  g_autoptr (ExpNode) file = exp_memory_dataset_new (text, NULL);
  g_autoptr (ExpNode) data = NULL;
  ExpNode *group = exp_memory_group_new ("stimulus");

  exp_memory_group_add (group, "text", file);
  if (entry->record != NULL)
    {
      data = exp_mozaik_field_node (entry->pickle, entry->record, NULL, NULL);
      exp_memory_group_add (group, "data", data);
    }
  return group;
}
