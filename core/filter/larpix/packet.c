/* Decodes PACMAN messages and the packets of LArPix chips.
 * Knows bits and bytes only.
 * Called by convert.c. */
#include "packet.h"
#include "expfs/error.h"
#include <string.h>

#define HEADER 8
#define WORD   16

static guint64
read_le (const guint8 *bytes, guint n)
{
  guint64 value = 0;

  while (n-- > 0)
    value = value << 8 | bytes[n];
  return value;
}

static guint64
bits (guint64 value, guint first, guint n)
{
  return value >> first & ((G_GUINT64_CONSTANT (1) << n) - 1);
}

void
exp_larpix_packet_decode (const guint8 *from, ExpLarpixPacket *packet)
{
  const guint64 value = read_le (from, 8);

  memset (packet, 0, sizeof *packet);
  packet->packet_type = bits (value, 0, 2);
  packet->chip_id = bits (value, 2, 8);
  packet->channel_id = bits (value, 10, 6);
  packet->timestamp = bits (value, 16, 31);
  packet->first_packet = bits (value, 47, 1);
  packet->dataword = bits (value, 48, 8);
  packet->trigger_type = bits (value, 56, 2);
  packet->local_fifo = bits (value, 58, 2);
  packet->shared_fifo = bits (value, 60, 2);
  packet->register_address = bits (value, 10, 8);
  packet->register_data = bits (value, 18, 8);
  packet->downstream_marker = bits (value, 62, 1);
  packet->parity = bits (value, 63, 1);
  packet->valid_parity = __builtin_popcountll (value) % 2 == 1;
}

static guint8 *
put_le (guint8 *to, guint64 value, guint n)
{
  for (; n > 0; n--, value >>= 8)
    *to++ = value & 0xff;
  return to;
}

void
exp_larpix_packet_store (const ExpLarpixPacket *packet, guint8 *to)
{
  const guint8 first[] = { packet->io_group,          packet->io_channel, packet->chip_id,      packet->packet_type,
                           packet->downstream_marker, packet->parity,     packet->valid_parity, packet->channel_id };
  const guint8 second[]
      = { packet->dataword,         packet->trigger_type,  packet->local_fifo, packet->shared_fifo,
          packet->register_address, packet->register_data, packet->direction,  packet->local_fifo_events };

  memcpy (to, first, sizeof first);
  to = put_le (to + sizeof first, packet->timestamp, 8);
  memcpy (to, second, sizeof second);
  to = put_le (to + sizeof second, packet->shared_fifo_events, 2);
  to = put_le (to, packet->counter, 4);
  *to++ = packet->fifo_diagnostics_enabled;
  *to++ = packet->first_packet;
  put_le (to, packet->receipt_timestamp, 4);
}

gsize
exp_larpix_message_most (gsize length)
{
  return 1 + length / WORD;
}

static gboolean
refuse_word (char type, char word, gsize number, GError **error)
{
  const gboolean is_sending = word == 'D' && (type == '?' || type == '!');

  g_set_error (error, EXP_ERROR, is_sending ? EXP_ERROR_UNSUPPORTED : EXP_ERROR_DAMAGED,
               is_sending ? "word %" G_GSIZE_FORMAT " of a '%c' message sends a packet ('%c'), for which the standard "
                            "file has no row"
                          : "word %" G_GSIZE_FORMAT " of a '%c' message is of the unknown type '%c'",
               number, type, g_ascii_isprint (word) ? word : '?');
  return FALSE;
}

/* Of a data message; FALSE for an unknown type. */
static gboolean
parse_data (const guint8 *word, ExpLarpixPacket *packet)
{
  switch (word[0])
    {
    case 'D':
      exp_larpix_packet_decode (word + 8, packet);
      packet->io_channel = word[1];
      packet->receipt_timestamp = read_le (word + 2, 4);
      return TRUE;
    case 'T':
      packet->packet_type = EXP_LARPIX_PACKET_TRIGGER;
      packet->trigger_type = word[1];
      packet->timestamp = read_le (word + 4, 4);
      return TRUE;
    case 'S':
      packet->packet_type = EXP_LARPIX_PACKET_SYNC;
      packet->trigger_type = word[1];
      packet->dataword = word[2] & 1;
      packet->timestamp = read_le (word + 4, 4);
      return TRUE;
    default:
      return FALSE;
    }
}

gboolean
exp_larpix_message_parse (const guint8 *message, gsize length, guint8 io_group, ExpLarpixPacket *packets,
                          gsize *n_packets, GError **error)
{
  const char type = length > 0 ? (char)message[0] : '\0';
  const char *passed_over = type == '?' ? "PWR" : "PWRE";

  *n_packets = 0;
  if (length < HEADER || (length - HEADER) % WORD != 0)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "%" G_GSIZE_FORMAT " bytes are no header of %d and words of %d",
                   length, HEADER, WORD);
      return FALSE;
    }
  if (type != 'D' && type != '?' && type != '!')
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "a message of the unknown type 0x%02x", (guint8)type);
      return FALSE;
    }
  packets[(*n_packets)++] = (ExpLarpixPacket){ .io_group = io_group,
                                               .packet_type = EXP_LARPIX_PACKET_TIMESTAMP,
                                               .timestamp = read_le (message + 1, 4) };
  for (gsize at = HEADER; at < length; at += WORD)
    {
      const guint8 *word = message + at;
      ExpLarpixPacket packet = { 0 };

      if (type == 'D' ? !parse_data (word, &packet) : word[0] == '\0' || strchr (passed_over, word[0]) == NULL)
        return refuse_word (type, (char)word[0], (at - HEADER) / WORD, error);
      if (type != 'D')
        continue;
      packet.io_group = io_group;
      packets[(*n_packets)++] = packet;
    }
  return TRUE;
}
