/* The colours of pictures.
 * Knows no drawing.
 * Called by what draws lines and heat maps. */
#include "palette.h"

static const guint32 lines[EXP_N_LINE_COLOURS] = {
  0x0072b2, 0xd55e00, 0x009e73, 0xcc79a7, 0xe69f00, 0x56b4e9, 0x000000, 0x888888,
};

static const guint32 viridis[] = {
  0x440154, 0x460b5e, 0x471567, 0x481f70, 0x482878, 0x46307e, 0x443983, 0x414287, 0x3e4a89, 0x3a538b, 0x365c8d,
  0x32648e, 0x2f6b8e, 0x2c738e, 0x297a8e, 0x26828e, 0x238a8d, 0x20928c, 0x1f998a, 0x1fa187, 0x25ab82, 0x2fb47c,
  0x3dbc74, 0x4ec36b, 0x5fca60, 0x75d054, 0x89d548, 0xa0da39, 0xb5de2b, 0xcde11d, 0xe2e418, 0xf6e620, 0xfde725,
};

guint32
exp_palette_line (guint i)
{
  return lines[i % G_N_ELEMENTS (lines)];
}

guint32
exp_palette_value (double value)
{
  double at = CLAMP (value, 0, 1) * (G_N_ELEMENTS (viridis) - 1);
  guint below = MIN ((guint)at, G_N_ELEMENTS (viridis) - 2);
  double part = at - below;
  guint32 colour = 0;

  for (int shift = 16; shift >= 0; shift -= 8)
    {
      double from = viridis[below] >> shift & 255, to = viridis[below + 1] >> shift & 255;
      colour |= (guint32)(from + (to - from) * part + 0.5) << shift;
    }
  return colour;
}
