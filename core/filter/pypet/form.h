/* Stored forms: a leaf with all its items and attributes, or a group's annotations, as one text. What is shown of some
 * values does not tell how pypet keeps them, pickles, sparse matrices, frames; the form does, and goes along with
 * copies. Knows the text, which is packed and in base64: a GVariant of names, types (exp_dtype_to_json) and bytes. Used
 * by node.c, write_form.c and write_flag.c. */
#pragma once

#include "write_change.h"

G_BEGIN_DECLS

/* form.c */

/* The form of a leaf, or with `leaf` NULL of a group's annotations. EXP_ERROR_NOT_FOUND where what is shown says all,
 * EXP_ERROR_TOO_LARGE and UNSUPPORTED for what has none. Caller frees. */
/* TRUE when it has one to tell. */
gboolean exp_pypet_form_is_needed (ExpPypetTrajectory *trajectory, ExpNode *inner, const ExpPypetLeaf *leaf);
char *exp_pypet_form_text (ExpPypetTrajectory *trajectory, ExpNode *inner, const ExpPypetLeaf *leaf, GError **error);

/* form_pack.c: the types are not looked into further than it takes to tell numbers from what points elsewhere. */

#define EXP_FORM_ARRAY      "(sbatay)"
#define EXP_FORM_ATTRIBUTES "a(s" EXP_FORM_ARRAY ")"
#define EXP_FORM_DATASET    "(i" EXP_FORM_ATTRIBUTES EXP_FORM_ARRAY ")"
#define EXP_FORM_GROUP      "(" EXP_FORM_ATTRIBUTES "a(sv))"
/* Whether it is a leaf, of which generation, and its group. */
#define EXP_FORM "(bb" EXP_FORM_GROUP ")"

/* What the name of an item begins with in place of the name of the result that it is in. */
#define EXP_FORM_OWN_NAME "*"

/* What is unpacked in memory. */
#define EXP_FORM_MAX (64 * 1024 * 1024)

/* A floating reference; NULL with an error. */
GVariant *exp_form_pack_array (const ExpArray *array, GError **error);
ExpArray *exp_form_unpack_array (GVariant *packed, GError **error);
char *exp_form_to_text (GVariant *form, GError **error);
/* A reference to one that is whole and of the type EXP_FORM; EXP_ERROR_INVALID for any other text. */
GVariant *exp_form_from_text (const char *text, GError **error);

/* write_form.c: as part of a change, what is there becomes what the form says. EXP_ERROR_INVALID when that would be
 * shown otherwise than what is there is: a text that was changed meanwhile counts for more. */
gboolean exp_pypet_form_put (ExpPypetChange *change, const ExpPypetLeaf *leaf, const char *text, GError **error);
gboolean
exp_pypet_form_put_in_group (ExpPypetChange *change, const ExpPypetPlace *place, const char *text, GError **error);

/* form_same.c: TRUE when both are shown alike, numbers as numbers, directories with all that is in them. */
gboolean exp_pypet_is_shown_alike (ExpNode *a, ExpNode *b);
/* TRUE for an attribute that reads as `shown` does and stays as it is stored, whatever else could be read so. */
gboolean
exp_pypet_is_told_alike (ExpPypetTrajectory *trajectory, ExpNode *inner, ExpArray *shown, const ExpArray *value);

G_END_DECLS
