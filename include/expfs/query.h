/* Queries: which things below a group have parameters of certain values. What can be found and by which parameters is
 * the format's to say (ExpNodeClass.list_parameters: the runs of a trajectory by what they explored); where it says
 * nothing, every object below is found by its attributes.
 *
 * An expression is a list of predicates, "orientation=0.5|1.5,contrast>=50,name~V1*": `,` is and, `|` between values
 * is or; the operators are = != < <= > >= and ~ (a glob). A value that holds one of , | " or blanks at its ends is
 * written in double quotes, with \" and \\ inside. Values that are numbers on both sides compare as numbers, exactly,
 * a literal rounded to single precision where the stored value is such; else texts compare bytewise. true, false and
 * null are what they say, and [1, 2] is a list. What has no such parameter is never found, by != neither, unless the
 * operator has a ? before it (contrast?>=50: at least 50 where there is a contrast). What has several of one name is
 * found when one fits, by != when none does. A name is a parameter's whole name, or what follows its last dots where
 * only one has that ("x" for "group.x"). Objects are found by what expfs knows of them, too: "expfs.dtype",
 * "expfs.shape", "expfs.kind", "expfs.role", "expfs.class", as extended attributes have them. "*" alone finds
 * everything.
 *
 * Where a format's rules are strict (ExpParameterRules), values compare as Python's: a literal without quotes that
 * looks like a number, true, false, null, None or a list is one, everything else is a text; a text never equals a
 * number, true equals 1, None equals None; an empty literal without quotes ("contrast=") equals nothing; and a name
 * that nothing has finds nothing.
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

/* Bytes that its indexes take, about, but one that is just being made; at most 512 MiB for each of three: of what
 * the format names, and, only when a query needs it, of all objects, and of these with what is known of them. */
guint64 exp_query_scope_size (ExpQueryScope *scope);
/* Whether it shows nothing but attributes of objects, so that elements of datasets may change and it is what it was.
 * FALSE as long as nothing was read. */
gboolean exp_query_scope_is_of_attributes (ExpQueryScope *scope);

/* The paths below the group of what the query finds, in the store's order; an array that owns its strings.
 * EXP_ERROR_NOT_FOUND for a parameter that nothing has, EXP_ERROR_INVALID for a name that several have. */
GPtrArray *exp_query_scope_find (ExpQueryScope *scope, const ExpQuery *query, GError **error);

/* --- queries as groups -------------------------------------------------------------------------------------- */

/* Whether it is the name of one of the directories that a query begins with. */
gboolean exp_query_is_group_name (const char *name);

/* The node behind that name in the scope's group:
 *   .by        a group of its parameters, in each of these one of the values that occur, and in each of these links to
 *              what has it. Found there too, as groups of sets of links, in the order in which they come in the store:
 *                A,B           what has equal values of these parameters. A set is named by these, with commas between
 *                same:A,B      the same, by the rules of a part
 *                except:A,B    what is equal in everything else (except: alone: in everything). A set is named
 *                              "name=value,..." by the parameters in which they differ, "all" when there is but one,
 *                              "none" what has none of them
 *              What lacks one of the parameters A, B is in no set. By strict rules that is EXP_ERROR_INVALID, and so
 * are things of several parts (but for A,B), parameters of different aspects, and for equal values things of several
 * types. Everything else that the view has goes along with each set, in its part. .where     any expression is found
 * there, as a group of links to what it finds .or        the same, of what it finds in the whole scope, or was there
 * before .same      "A,B", "except:A,B", "*" for all, "st_*" for all of an aspect are found there as true or false:
 * whether all that is listed, but blanks, is equal in these. What lacks some is not; by strict rules it is
 *              EXP_ERROR_INVALID, as nothing at all is for "*". What has none of an aspect's parameters is not equal
 *              either; with "none:" in front it is passed over
 *   .varying   texts: the names of the parameters of which two values occur at least among what is listed, but blanks;
 *              numbers count as one value where they are close (|a - b| <= 1e-8 + 1e-5 |b|)
 *   .unique    a link to what is found when that is a single thing; else EXP_ERROR_INVALID
 * Among links all of these are found again, and the parts (ExpParameterPart), as groups of those links that are of
 * them; what is chosen below lists that part only, and has the others still, each in its part. */
ExpNode *exp_query_group_open (ExpQueryScope *scope, const char *name, GError **error);

G_END_DECLS
