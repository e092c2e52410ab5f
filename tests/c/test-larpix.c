/* LArPix: the bits of packets, the words of messages, and which versions suit each other.
 * Knows no files.
 * Run by meson test. */
#include "expfs/error.h"
#include "filter/larpix/larpix.h"
#include "filter/larpix/packet.h"
#include <string.h>

static void
test_packet (void)
{
  /* All bits of one field at a time, so that no two overlap but those of registers. */
  static const struct
  {
    guint first, n;
    gsize offset, size;
  } fields[] = {
#define FIELD(name, first, n) { first, n, offsetof (ExpLarpixPacket, name), sizeof (((ExpLarpixPacket *)0)->name) }
    FIELD (packet_type, 0, 2),       FIELD (chip_id, 2, 8),        FIELD (channel_id, 10, 6),
    FIELD (timestamp, 16, 31),       FIELD (first_packet, 47, 1),  FIELD (dataword, 48, 8),
    FIELD (trigger_type, 56, 2),     FIELD (local_fifo, 58, 2),    FIELD (shared_fifo, 60, 2),
    FIELD (register_address, 10, 8), FIELD (register_data, 18, 8), FIELD (downstream_marker, 62, 1),
    FIELD (parity, 63, 1),
  };

  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    for (guint bit = 0; bit < 64; bit++)
      {
        const guint64 value = GUINT64_TO_LE (G_GUINT64_CONSTANT (1) << bit);
        const gboolean is_inside = bit >= fields[i].first && bit < fields[i].first + fields[i].n;
        ExpLarpixPacket packet;
        guint64 found = 0;

        exp_larpix_packet_decode ((const guint8 *)&value, &packet);
        memcpy (&found, (guint8 *)&packet + fields[i].offset, fields[i].size);
        g_assert_cmpuint (GUINT64_FROM_LE (found), ==,
                          is_inside ? G_GUINT64_CONSTANT (1) << (bit - fields[i].first) : 0);
        g_assert_cmpuint (packet.valid_parity, ==, 1);
      }
}

static void
test_parity (void)
{
  ExpLarpixPacket packet;

  exp_larpix_packet_decode ((const guint8[8]){ 0 }, &packet);
  g_assert_cmpuint (packet.valid_parity, ==, 0);
  exp_larpix_packet_decode ((const guint8[8]){ 3 }, &packet);
  g_assert_cmpuint (packet.valid_parity, ==, 0);
  exp_larpix_packet_decode ((const guint8[8]){ 3, 0, 0, 0, 0, 0, 0, 0x80 }, &packet);
  g_assert_cmpuint (packet.valid_parity, ==, 1);
}

static void
test_row (void)
{
  const ExpLarpixPacket packet = { 1,  2,  3,  4,  5,      6,          7,  8,  0x1122334455667788, 9, 10, 11, 12,
                                   13, 14, 15, 16, 0x1718, 0x191a1b1c, 29, 30, 0x1f202122 };
  static const guint8 expected[EXP_LARPIX_PACKET_SIZE]
      = { 1,  2,  3,  4,  5,  6,  7,    8,    0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11, 9,    10,
          11, 12, 13, 14, 15, 16, 0x18, 0x17, 0x1c, 0x1b, 0x1a, 0x19, 29,   30,   0x22, 0x21, 0x20, 0x1f };
  guint8 row[EXP_LARPIX_PACKET_SIZE];

  exp_larpix_packet_store (&packet, row);
  g_assert_cmpmem (row, sizeof row, expected, sizeof expected);
}

static void
test_words (void)
{
  guint8 message[8 + 3 * 16] = { 'D', 0x63, 0xa5, 0xdf, 0x65 };
  ExpLarpixPacket packets[4];
  gsize n;
  GError *error = NULL;

  g_assert_cmpuint (exp_larpix_message_most (sizeof message), ==, G_N_ELEMENTS (packets));
  memcpy (message + 8, "S\x53\x03\0\x80\x96\x98\0", 8);
  memcpy (message + 24, "T\2\0\0\5\0\0\0", 8);
  memcpy (message + 40, "D\7\x10\x27\0\0\0\0\1", 9);
  g_assert_true (exp_larpix_message_parse (message, sizeof message, 5, packets, &n, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (n, ==, 4);
  g_assert_cmpuint (packets[0].packet_type, ==, EXP_LARPIX_PACKET_TIMESTAMP);
  g_assert_cmpuint (packets[0].timestamp, ==, 0x65dfa563);
  g_assert_cmpuint (packets[1].packet_type, ==, EXP_LARPIX_PACKET_SYNC);
  g_assert_cmpuint (packets[1].timestamp, ==, 10000000);
  g_assert_cmpuint (packets[1].dataword, ==, 1);
  g_assert_cmpuint (packets[1].trigger_type, ==, 'S');
  g_assert_cmpuint (packets[2].packet_type, ==, EXP_LARPIX_PACKET_TRIGGER);
  g_assert_cmpuint (packets[2].timestamp, ==, 5);
  g_assert_cmpuint (packets[3].packet_type, ==, 1);
  g_assert_cmpuint (packets[3].io_channel, ==, 7);
  g_assert_cmpuint (packets[3].receipt_timestamp, ==, 10000);
  for (gsize i = 0; i < n; i++)
    g_assert_cmpuint (packets[i].io_group, ==, 5);
}

/* One word, behind a header of this type: its packets, or the error. */
static void
check_word (char type, char word, gsize length, gint n_expected, gint code)
{
  guint8 message[8 + 16] = { type };
  ExpLarpixPacket packets[2];
  GError *error = NULL;
  gsize n;

  message[8] = word;
  if (exp_larpix_message_parse (message, length, 0, packets, &n, &error))
    g_assert_cmpint (n, ==, n_expected);
  else
    g_assert_cmpint (n_expected, ==, -1);
  if (n_expected < 0)
    g_assert_error (error, EXP_ERROR, code);
  g_clear_error (&error);
}

static void
test_kinds (void)
{
  for (const char *word = "PWR"; *word != '\0'; word++)
    {
      check_word ('?', *word, 24, 1, 0);
      check_word ('!', *word, 24, 1, 0);
      check_word ('D', *word, 24, -1, EXP_ERROR_DAMAGED);
    }
  check_word ('!', 'E', 24, 1, 0);
  check_word ('?', 'E', 24, -1, EXP_ERROR_DAMAGED);
  check_word ('?', 'D', 24, -1, EXP_ERROR_UNSUPPORTED);
  check_word ('!', 'D', 24, -1, EXP_ERROR_UNSUPPORTED);
  check_word ('D', '\0', 24, -1, EXP_ERROR_DAMAGED);
  check_word ('!', '\0', 24, -1, EXP_ERROR_DAMAGED);
  check_word ('x', 'D', 24, -1, EXP_ERROR_DAMAGED);
  check_word ('D', 'D', 8, 1, 0);
  check_word ('D', 'D', 7, -1, EXP_ERROR_DAMAGED);
  check_word ('D', 'D', 0, -1, EXP_ERROR_DAMAGED);
  check_word ('D', 'D', 23, -1, EXP_ERROR_DAMAGED);
}

typedef gboolean (*CheckFunc) (const char *file, const char *wanted, GError **error);

static void
check_versions (CheckFunc check, const char *file, const char *wanted, const char *complaint)
{
  GError *error = NULL;

  if (check (file, wanted, &error))
    g_assert_null (complaint);
  else
    {
      g_assert_nonnull (complaint);
      g_assert_error (error, EXP_ERROR, EXP_ERROR_INVALID);
      g_assert_nonnull (strstr (error->message, complaint != NULL ? complaint : "none was expected"));
    }
  g_clear_error (&error);
}

static void
test_versions (void)
{
  check_versions (exp_larpix_version_check, "0.0", NULL, NULL);
  check_versions (exp_larpix_version_check, "0.0", "0", NULL);
  check_versions (exp_larpix_version_check, "0.0", "0.1", "too old");
  check_versions (exp_larpix_version_check, "0.1", "0.0", NULL);
  check_versions (exp_larpix_version_check, "0.1", "0.0.0", NULL);
  check_versions (exp_larpix_version_check, "1.0", "0.0", "too new");
  check_versions (exp_larpix_version_check, "0.0", "", "too new");
  check_versions (exp_larpix_version_check, "0.0", "00.0", "");
  check_versions (exp_larpix_io_version_check, NULL, "7.0", NULL);
  check_versions (exp_larpix_io_version_check, "1.2", "1.10", NULL); /* as texts */
  check_versions (exp_larpix_io_version_check, "1.10", "1.9", "too old");
  check_versions (exp_larpix_io_version_check, "1.2", "1.3", "too old");
  check_versions (exp_larpix_io_version_check, "1.2", "0.2", "too new");
  check_versions (exp_larpix_io_version_check, "1", "1.0", "MAJOR.MINOR");
  check_versions (exp_larpix_version_check_append, "0.1", "0.0", "too new");
  check_versions (exp_larpix_version_check_append, "0.0", "0.0", NULL);
  check_versions (exp_larpix_io_version_check_append, NULL, "1.0", "no io_version");
  check_versions (exp_larpix_io_version_check_append, "1.2", "1.1", NULL);
  check_versions (exp_larpix_packets_version_check, "2.4", "~2.3", NULL);
  check_versions (exp_larpix_packets_version_check, "2.2", "~2.3", "too old");
  check_versions (exp_larpix_packets_version_check, "2.4", "2.3", "too new");
  check_versions (exp_larpix_packets_version_check, "2.4", "2.4", NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/larpix/packet/every-bit-is-in-its-field", test_packet);
  g_test_add_func ("/larpix/packet/parity-is-odd", test_parity);
  g_test_add_func ("/larpix/packet/a-row-is-packed", test_row);
  g_test_add_func ("/larpix/message/words-of-data-become-packets", test_words);
  g_test_add_func ("/larpix/message/other-words-vanish-or-are-refused", test_kinds);
  g_test_add_func ("/larpix/versions-are-compared-as-texts", test_versions);
  return g_test_run ();
}
