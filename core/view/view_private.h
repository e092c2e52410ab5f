/* What views share of JSON. Used by core/view, and by core/edit for the JSON of types. */
#pragma once

#include "expfs/view.h"
#include "node/grid.h"

/* `text` as a JSON string with its quotes. Bytes that are not UTF-8 become \udc80 ... \udcff, as Python's
 * surrogateescape has them, so that nothing is lost. */
void exp_json_append_string (const char *text, gsize length, GString *out);

/* The whole array as nested lists; a scalar bare. */
void exp_array_to_json (const ExpArray *value, GString *out);

/* The attributes of a node as a JSON object; one that cannot be read is null. */
void exp_json_append_attributes (ExpNode *node, GString *out);

/* "name": before a value. */
void exp_json_append_key (const char *name, GString *out);
void exp_json_append_shape (const ExpInfo *info, GString *out);

/* The skeleton below a group: DIR.json. */
ExpView *exp_skeleton_open (ExpNode *node, const ExpInfo *info, const ExpViewOptions *options, GError **error);
