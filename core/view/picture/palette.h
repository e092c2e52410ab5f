/* The colours of pictures. Used in this folder. */
#pragma once

#include <glib.h>

#define EXP_N_LINE_COLOURS 8

/* Of the line `i`, told apart by those who see few colours too: after M. Okabe and K. Ito, "Color universal design"
 * (2002), whose yellow is left out, since it does not show on white. 0xrrggbb. */
guint32 exp_palette_line (guint i);

/* Of a value between 0 and 1, from dark to light in even steps: viridis, by N. Smith and S. van der Walt (2015), who
 * gave its numbers to the public domain (CC0). Every eighth of its 256 colours, and straight lines between. */
guint32 exp_palette_value (double value);

/* Where there is no value. */
#define EXP_PALETTE_NONE 0xc8c8c8
