/* PACMAN messages: words behind a header, and the packets of LArPix chips in some of them.
 * Knows the bits, after larpix-control's pacman_msg_format and packets of version 2; knows no files.
 * Used by convert.c and tests. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A row of the standard file's table, as its types have it. */
typedef struct
{
  guint8 io_group, io_channel, chip_id, packet_type, downstream_marker, parity, valid_parity, channel_id;
  guint64 timestamp;
  guint8 dataword, trigger_type, local_fifo, shared_fifo, register_address, register_data, direction, local_fifo_events;
  guint16 shared_fifo_events;
  guint32 counter;
  guint8 fifo_diagnostics_enabled, first_packet;
  guint32 receipt_timestamp;
} ExpLarpixPacket;

enum
{
  EXP_LARPIX_PACKET_TIMESTAMP = 4, /* 0 ... 3: as the chip says */
  EXP_LARPIX_PACKET_SYNC = 6,
  EXP_LARPIX_PACKET_TRIGGER = 7,
};

/* Bytes of a row in the file, where it is packed. */
#define EXP_LARPIX_PACKET_SIZE 36

/* All that the 64 bits say, also what has a meaning in other types of packets only. */
void exp_larpix_packet_decode (const guint8 *bits, ExpLarpixPacket *packet);
/* The row as the file has it. */
void exp_larpix_packet_store (const ExpLarpixPacket *packet, guint8 *row);

/* At most so many packets come of a message of this length. */
gsize exp_larpix_message_most (gsize length);
/* The packets of a message: one with its time, then one for each word that is any, into `packets`, which has room for
 * exp_larpix_message_most. EXP_ERROR_DAMAGED for what is no such message, EXP_ERROR_UNSUPPORTED for words that the
 * standard file has no row for: those that send packets. */
gboolean exp_larpix_message_parse (const guint8 *message, gsize length, guint8 io_group, ExpLarpixPacket *packets,
                                   gsize *n_packets, GError **error);

G_END_DECLS
