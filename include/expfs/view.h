/* Views: renderings of a node as bytes, by size and pread. A new view is one file in core/view and one line in its
 * table. No view is ever held whole in memory because it is large. Knows neither FUSE nor any file format. */
#pragma once

#include "expfs/node.h"

G_BEGIN_DECLS

typedef struct
{
  gboolean is_compact; /* text=compact: no padding of numeric cells in text */
  const char *path;    /* of the node in the store, for x.json; borrowed for the call, may be NULL */
} ExpViewOptions;

typedef struct _ExpView ExpView;
typedef struct _ExpViewClass ExpViewClass;

/* One kind of rendering. Members may be called from several threads at once on the same view, but for free. */
struct _ExpViewClass
{
  const char *suffix;      /* ".npy"; "" for text */
  const char *name;        /* "npy", as -o views= names it; "text" */
  const char *description; /* one line */
  gboolean is_costly;      /* its size takes making all of it, however few elements there are */
  /* TRUE when a node of this description has this view. */
  gboolean (*applies) (const ExpInfo *info);
  /* A view of the node as it is now, with its class set (another's where that renders the same, as raw does for the
   * text of a stored file). `info` is the node's own description. */
  ExpView *(*open) (ExpNode *node, const ExpInfo *info, const ExpViewOptions *options, GError **error);
  void (*free) (ExpView *view);
  /* The exact number of bytes. */
  gboolean (*size) (ExpView *view, guint64 *size, GError **error);
  /* min (length, size - offset) bytes at `offset` into `buffer`; *n_read is 0 at and past the end. */
  gboolean (*pread) (ExpView *view, guint64 offset, gsize length, char *buffer, gsize *n_read, GError **error);
  /* Optional: the same bytes as at most `most` runs, in order. Their number, or 0 when they are not to be had so. */
  guint (*locate) (ExpView *view, guint64 offset, gsize length, ExpRun *runs, guint most);
  /* Optional: takes over what `old` knows, a view of the same dataset when it had its first rows only, which have not
   * changed (ExpInfo.keeps_rows). `old` may be any view, and in use. */
  void (*continue_from) (ExpView *view, ExpView *old);
  /* Optional: how the view is written (expfs/edit.h); NULL: not at all. */
  const struct _ExpEditClass *edit;
};

/* Implementations embed this as their first member. */
struct _ExpView
{
  const ExpViewClass *klass;
  gatomicrefcount references;
};

/* All views, ended by NULL: text first, then in the order in which `user.expfs.views` names them. */
extern const ExpViewClass *const exp_view_classes[];
extern const ExpViewClass exp_view_text, exp_view_npy, exp_view_raw, exp_view_csv, exp_view_tsv, exp_view_json,
    exp_view_ndjson, exp_view_svg, exp_view_png, exp_view_pdf;

/* The view whose suffix ends `name` (not text), and the length of the name before it; NULL for none. */
const ExpViewClass *exp_view_class_for_name (const char *name, gsize *stem_length);
const ExpViewClass *exp_view_class_by_name (const char *name);

/* A view of the node. EXP_ERROR_UNSUPPORTED when it has none of this kind. Opening is cheap; what takes reading is
 * put off to size and pread. */
ExpView *exp_view_open (const ExpViewClass *klass, ExpNode *node, const ExpViewOptions *options, GError **error);
/* The same for who has the node's description already. */
ExpView *exp_view_open_described (const ExpViewClass *klass, ExpNode *node, const ExpInfo *info,
                                  const ExpViewOptions *options, GError **error);
/* For a view that nobody has read yet: `old` showed the same rows, and others have been added. Without a member:
 * nothing happens. */
void exp_view_continue_from (ExpView *view, ExpView *old);
ExpView *exp_view_ref (ExpView *view);
void exp_view_unref (ExpView *view);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ExpView, exp_view_unref)

gboolean exp_view_size (ExpView *view, guint64 *size, GError **error);
gboolean exp_view_pread (ExpView *view, guint64 offset, gsize length, char *buffer, gsize *n_read, GError **error);
/* Where what exp_view_pread would give already lies, as at most `most` runs that the caller releases; valid while the
 * view is held. 0 when it has to be made, or there is none. */
guint exp_view_locate (ExpView *view, guint64 offset, gsize length, ExpRun *runs, guint most);

/* The text of an attribute as an xattr has it: a scalar bare and unescaped, an array (or compound) as JSON.
 * EXP_ERROR_TOO_LARGE when it exceeds `limit` bytes (0: no limit). Not terminated by a newline. Caller frees. */
char *exp_attribute_text (const ExpArray *value, gsize limit, gsize *length, GError **error);

/* More columns than this have no use as a header line, which would have to be held whole. */
#define EXP_MAX_COLUMNS 1000000

/* The names of a cell's columns in text and csv: "a", "b.c", and "d", "d[1]", "d[2]" for the elements of a fixed array;
 * one empty name for a type that is not a compound. NULL-terminated; the caller frees with g_strfreev. NULL when there
 * are more than EXP_MAX_COLUMNS. */
char **exp_dtype_column_names (const ExpDtype *dtype);

/* One cell (any type) as JSON: numbers, strings, true/false, null for nan-free nulls, nested lists, objects for
 * compounds; nan and infinities as NaN, Infinity, -Infinity (as Python's json writes and reads them). Enums and bit
 * fields are numbers, opaque hexadecimal strings, complex numbers [re, im]. */
void exp_cell_to_json (const ExpDtype *dtype, const guint8 *cell, GString *out);

G_END_DECLS
