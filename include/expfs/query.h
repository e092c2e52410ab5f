/* Queries: which things below a group have parameters of certain values. What can be found and by which parameters is
 * the format's to say (ExpNodeClass.list_parameters: the runs of a trajectory by what they explored); where it says
 * nothing, every object below is found by its attributes.
 *
 * An expression is a list of predicates, "orientation=0.5|1.5,contrast>=50,name~V1*": `,` is and, `|` between values
 * is or; the operators are = != < <= > >= and ~ (a glob). A value that holds one of , | " or blanks at its ends is
 * written in double quotes, with \" and \\ inside. Values that are numbers on both sides compare as numbers, exactly,
 * a literal rounded to single precision where the stored value is such; else texts compare bytewise. What has no such
 * parameter is never found, by != neither. A name is a parameter's whole name, or what follows its last dots where
 * only one has that ("x" for "group.x").
 *
 * Knows no format and no FUSE. Callers: fs/, which shows queries as directories, and `expfs find`. */
#pragma once

#include "expfs/node.h"

G_BEGIN_DECLS

/* --- expressions -------------------------------------------------------------------------------------------- */

typedef struct _ExpQuery ExpQuery;

/* EXP_ERROR_INVALID for what is no expression; the message says where. */
ExpQuery *exp_query_parse (const char *text, GError **error);
void exp_query_free (ExpQuery *query);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ExpQuery, exp_query_free)

/* --- what there is to find ---------------------------------------------------------------------------------- */

/* All that is below one group with its parameters, gathered on first need and kept: about 24 bytes for each parameter
 * of each thing, and each text once. It shows the store as it was then; who changes the store makes a new one. Shared
 * between threads. */
typedef struct _ExpQueryScope ExpQueryScope;

/* Takes a reference on the group. Nothing is read yet. */
ExpQueryScope *exp_query_scope_new (ExpNode *group);
ExpQueryScope *exp_query_scope_ref (ExpQueryScope *scope);
void exp_query_scope_unref (ExpQueryScope *scope);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ExpQueryScope, exp_query_scope_unref)

/* The paths below the group of what the query finds, in the store's order; an array that owns its strings.
 * EXP_ERROR_NOT_FOUND for a parameter that nothing has, EXP_ERROR_INVALID for a name that several have. */
GPtrArray *exp_query_scope_find (ExpQueryScope *scope, const ExpQuery *query, GError **error);

/* --- queries as groups -------------------------------------------------------------------------------------- */

/* What `.by` is in the scope's group: a group of its parameters, in each of these one of the values that occur, and in
 * each of these links to what has it, with `.by` and `.where` among these again. */
ExpNode *exp_query_by_new (ExpQueryScope *scope);
/* What `.where` is: no child is listed, and any expression is found as a group of links to what it finds. */
ExpNode *exp_query_where_new (ExpQueryScope *scope);

G_END_DECLS
