/* The directories of recordings, results and stimuli, and each one's own.
 * Knows how they are called and what they say of themselves; what is below them others know.
 * Made by root.c. */
#include "hdf5.h"
#include "save.h"
#include <string.h>

typedef struct
{
  ExpNode base;
  ExpMozaikStore *store; /* a reference */
  ExpMozaikPartKind part;
  const ExpMozaikEntry *entry; /* the store's; NULL: the directory of the part */
  GMutex lock;
  ExpNode *children; /* under lock: made when somebody looks; of results and stimuli */
} EntryNode;

static const ExpNodeClass part_class, entry_class;

static ExpNode *
node_new (const ExpNodeClass *klass, ExpMozaikStore *store, ExpMozaikPartKind part, const ExpMozaikEntry *entry)
{
  EntryNode *self = g_new0 (EntryNode, 1);

  exp_node_init (&self->base, klass);
  self->store = exp_mozaik_store_ref (store);
  self->part = part;
  self->entry = entry;
  g_mutex_init (&self->lock);
  return &self->base;
}

static void
node_free (ExpNode *node)
{
  EntryNode *self = (EntryNode *)node;

  g_clear_pointer (&self->children, exp_node_unref);
  exp_mozaik_store_unref (self->store);
  g_mutex_clear (&self->lock);
  g_free (self);
}

/* --- a part ------------------------------------------------------------------------------------------------- */

static gboolean
part_describe (ExpNode *node, ExpInfo *info, GError **error)
{
  info->kind = EXP_KIND_GROUP;
  info->role = exp_mozaik_part_names[((EntryNode *)node)->part];
  return TRUE;
}

static gboolean
part_list (ExpNode *node, guint64 skip, ExpListFunc func, gpointer data, GError **error)
{
  const EntryNode *self = (EntryNode *)node;
  const ExpMozaikPart *part = exp_mozaik_store_part (self->store, self->part, error);

  if (part == NULL)
    return FALSE;
  for (guint64 i = skip; i < part->entries->len; i++)
    {
      const ExpMozaikEntry *entry = part->entries->pdata[i];
      g_autoptr (ExpNode) child = exp_mozaik_entry_node_new (self->store, entry);

      if (!func (entry->name, child, data))
        break;
    }
  return TRUE;
}

static ExpNode *
part_lookup (ExpNode *node, const char *name, GError **error)
{
  const EntryNode *self = (EntryNode *)node;
  const ExpMozaikPart *part = exp_mozaik_store_part (self->store, self->part, error);
  const ExpMozaikEntry *entry = part != NULL ? g_hash_table_lookup (part->by_name, name) : NULL;

  if (entry != NULL)
    return exp_mozaik_entry_node_new (self->store, entry);
  if (part != NULL)
    g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND, "no '%s' here", name);
  return NULL;
}

static gboolean
part_list_parameters (ExpNode *node, ExpParameterRules *rules, ExpParameterFunc func, gpointer data, GError **error)
{
  const EntryNode *self = (EntryNode *)node;

  return exp_mozaik_list_parameters (self->store, self->part, rules, func, data, error);
}

static const ExpNodeClass part_class = {
  .free = node_free,
  .describe = part_describe,
  .list = part_list,
  .lookup = part_lookup,
  .list_parameters = part_list_parameters,
};

ExpNode *
exp_mozaik_part_node_new (ExpMozaikStore *store, ExpMozaikPartKind kind)
{
  return node_new (&part_class, store, kind, NULL);
}

/* --- one of its entries ------------------------------------------------------------------------------------- */

static gboolean
is_sound (const ExpMozaikEntry *entry)
{
  return entry->part == EXP_MOZAIK_PART_STIMULI || entry->state != NULL || entry->group != NULL;
}

static gboolean
entry_describe (ExpNode *node, ExpInfo *info, GError **error)
{
  static const char *const roles[] = { "recording", "analysis", "stimulus" };
  const EntryNode *self = (EntryNode *)node;

  if (!is_sound (self->entry))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "%s/%s: number %u of its list is no object",
                   exp_mozaik_store_path (self->store),
                   self->part == EXP_MOZAIK_PART_ANALYSIS ? EXP_MOZAIK_ANALYSIS : EXP_MOZAIK_RECORDINGS,
                   self->entry->index);
      return FALSE;
    }
  info->kind = EXP_KIND_GROUP;
  info->role = roles[self->part];
  if (self->part == EXP_MOZAIK_PART_ANALYSIS)
    info->class_name = exp_mozaik_result_class (self->entry);
  return TRUE;
}

/* What is below a result or stimulus; a new reference. */
static ExpNode *
get_children (EntryNode *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  if (self->children == NULL)
    self->children = self->part == EXP_MOZAIK_PART_ANALYSIS ? exp_mozaik_result_children (self->entry)
                                                            : exp_mozaik_stimulus_children (self->entry);
  return exp_node_ref (self->children);
}

static gboolean
entry_list (ExpNode *node, guint64 skip, ExpListFunc func, gpointer data, GError **error)
{
  EntryNode *self = (EntryNode *)node;
  g_autoptr (ExpNode) children = NULL;

  if (!is_sound (self->entry))
    return entry_describe (node, &(ExpInfo){ 0 }, error);
  if (self->part == EXP_MOZAIK_PART_RECORDINGS)
    return exp_mozaik_data_list (self->store, self->entry, skip, func, data, error);
  children = get_children (self);
  return exp_node_list (children, skip, func, data, error);
}

static ExpNode *
entry_lookup (ExpNode *node, const char *name, GError **error)
{
  EntryNode *self = (EntryNode *)node;
  g_autoptr (ExpNode) children = NULL;

  if (!is_sound (self->entry))
    {
      entry_describe (node, &(ExpInfo){ 0 }, error);
      return NULL;
    }
  if (self->part == EXP_MOZAIK_PART_RECORDINGS)
    return exp_mozaik_data_lookup (self->store, self->entry, name, error);
  children = get_children (self);
  return exp_node_lookup (children, name, error);
}

/* What HDF5's attributes say, but for what is PyTables' and neo's own. */
static void
add_group (ExpMozaikAttributes *all, ExpNode *group)
{
  static const char *const own[]
      = { "CLASS", "TITLE", "VERSION", "_type", "object_ref", "annotations", "block", "rec_datetime", NULL };
  g_auto (GStrv) names = exp_node_list_attributes (group, NULL);
  g_autoptr (ExpPickle) moment = exp_mozaik_read_pickle (group, "rec_datetime");

  for (char **name = names; name != NULL && *name != NULL; name++)
    if (!g_strv_contains (own, *name))
      exp_mozaik_attributes_add (all, *name, exp_node_read_attribute (group, *name, NULL));
  if (moment != NULL)
    exp_mozaik_attributes_add_value (all, "rec_datetime", exp_pickle_record (moment));
}

static void
add_recording (ExpMozaikAttributes *all, const ExpMozaikEntry *entry)
{
  static const char *const names[] = { "name", "description", "rec_datetime", "file_datetime", "file_origin", "index" };

  exp_mozaik_attributes_add_text (all, "identifier", entry->identifier);
  exp_mozaik_attributes_add_text (all, "sheet_name", entry->sheet);
  exp_mozaik_attributes_add (all, "null", exp_array_new_bool (entry->is_null));
  if (entry->group != NULL)
    add_group (all, entry->group);
  for (guint i = 0; entry->state != NULL && i < G_N_ELEMENTS (names); i++)
    {
      const ExpPickleValue *record = exp_pickle_get_record (entry->state, names[i]);

      if (record != NULL && record->kind != EXP_PICKLE_NONE)
        exp_mozaik_attributes_add_value (all, names[i], record);
    }
}

ExpMozaikAttributes *
exp_mozaik_entry_attributes (const ExpMozaikEntry *entry)
{
  ExpMozaikAttributes *all = exp_mozaik_attributes_new ();
  const ExpPickleValue *tags = entry->state != NULL ? exp_pickle_get_record (entry->state, "tags") : NULL;

  if (entry->part == EXP_MOZAIK_PART_RECORDINGS)
    add_recording (all, entry);
  else if (entry->part == EXP_MOZAIK_PART_ANALYSIS && entry->state != NULL)
    {
      g_autoptr (GArray) parameters = exp_mozaik_result_parameters (entry);

      for (guint i = 0; i < parameters->len; i++)
        exp_mozaik_attributes_add_value (all, g_array_index (parameters, ExpMozaikField, i).name,
                                         g_array_index (parameters, ExpMozaikField, i).record);
      if (tags != NULL)
        exp_mozaik_attributes_add (all, "tags", exp_mozaik_texts_array (tags));
      exp_mozaik_attributes_add_value (all, "module_path", exp_pickle_get_record (entry->state, "module_path"));
      exp_mozaik_result_add_units (entry, all);
    }
  if (entry->stimulus != NULL && entry->part != EXP_MOZAIK_PART_ANALYSIS)
    exp_mozaik_attributes_add_text (all, "stimulus", entry->stimulus->text);
  exp_mozaik_attributes_add_stimulus (all, entry->stimulus);
  exp_mozaik_attributes_add_dict (all, entry->annotations, FALSE);
  return all;
}

static char **
entry_list_attributes (ExpNode *node, GError **error)
{
  return exp_mozaik_attributes_take_names (exp_mozaik_entry_attributes (((EntryNode *)node)->entry));
}

static ExpArray *
entry_read_attribute (ExpNode *node, const char *name, GError **error)
{
  return exp_mozaik_attributes_take (exp_mozaik_entry_attributes (((EntryNode *)node)->entry), name, error);
}

static const ExpNodeClass entry_class = {
  .free = node_free,
  .describe = entry_describe,
  .list = entry_list,
  .lookup = entry_lookup,
  .list_attributes = entry_list_attributes,
  .read_attribute = entry_read_attribute,
};

const ExpMozaikEntry *
exp_mozaik_node_entry (ExpNode *node)
{
  return node != NULL && node->klass == &entry_class ? ((EntryNode *)node)->entry : NULL;
}

ExpNode *
exp_mozaik_entry_node_new (ExpMozaikStore *store, const ExpMozaikEntry *entry)
{
  return node_new (&entry_class, store, entry->part, entry);
}
