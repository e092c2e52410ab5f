/* Placeholder until its owner lands the real file. */
#include "expfs/number.h"
#include "expfs/array.h"
gsize exp_cell_format_to (const ExpDtype *d, const guint8 *c, char *t) { return g_snprintf (t, 64, "%.17g", exp_cell_double (d, c)); }
gsize exp_cell_max_width (const ExpDtype *d) { return 24; }
void exp_cell_format (const ExpDtype *d, const guint8 *c, GString *o) { char t[64]; g_string_append_len (o, t, exp_cell_format_to (d, c, t)); }
char *exp_dtype_to_numpy (const ExpDtype *d, gboolean packed) { return g_strdup_printf ("<f%zu", d->size); }
char *exp_dtype_to_text (const ExpDtype *d) { return exp_dtype_to_numpy (d, FALSE); }
