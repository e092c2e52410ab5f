/* A raw file's messages as the rows of a standard packet file.
 * Knows that file's layout; how a message is parsed is packet.c's.
 * Called by the verb convert. */
#include "expfs/convert.h"
#include "larpix.h"
#include "packet.h"
#include "source/folder.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Messages that are read together, the first time, and bytes of them after which there are more or fewer. */
#define MESSAGES    64
#define FEW_BYTES   (1 << 20)
#define MANY_BYTES  (4 << 20)
#define ROWS        16384 /* of packets, written together */
#define VERSION     "2.4"
#define N_REGISTERS 239

/* As larpix-control's list of packets has it. */
#define PACKET_TYPES "\n0: 'data',\n1: 'test',\n2: 'config write',\n3: 'config read',\n4: 'timestamp',\n5: 'message',\n"

typedef struct
{
  const char *name;
  guint size;
} Field;

static const Field packet_fields[] = {
  { "io_group", 1 },          { "io_channel", 1 },
  { "chip_id", 1 },           { "packet_type", 1 },
  { "downstream_marker", 1 }, { "parity", 1 },
  { "valid_parity", 1 },      { "channel_id", 1 },
  { "timestamp", 8 },         { "dataword", 1 },
  { "trigger_type", 1 },      { "local_fifo", 1 },
  { "shared_fifo", 1 },       { "register_address", 1 },
  { "register_data", 1 },     { "direction", 1 },
  { "local_fifo_events", 1 }, { "shared_fifo_events", 2 },
  { "counter", 4 },           { "fifo_diagnostics_enabled", 1 },
  { "first_packet", 1 },      { "receipt_timestamp", 4 },
};

/* --- the file ----------------------------------------------------------------------------------------------- */

static ExpDtype *
number (guint size)
{
  return exp_dtype_new_number (EXP_TYPE_UINT, size, FALSE);
}

static ExpDtype *
packet_type (GError **error)
{
  ExpMember members[G_N_ELEMENTS (packet_fields)];
  gsize at = 0;

  for (guint i = 0; i < G_N_ELEMENTS (packet_fields); i++)
    {
      members[i] = (ExpMember){ (char *)packet_fields[i].name, number (packet_fields[i].size), at };
      at += packet_fields[i].size;
    }
  return exp_dtype_new_compound (at, G_N_ELEMENTS (members), members, error);
}

static ExpDtype *
message_type (GError **error)
{
  const ExpMember members[] = {
    { "message", exp_dtype_new_string (64, EXP_PAD_NUL, FALSE), 0 },
    { "timestamp", number (8), 64 },
    { "index", number (4), 72 },
  };

  return exp_dtype_new_compound (76, G_N_ELEMENTS (members), members, error);
}

static ExpDtype *
config_type (GError **error)
{
  const guint64 n = N_REGISTERS;
  ExpDtype *registers = exp_dtype_new_array (number (1), 1, &n, error);

  if (registers == NULL)
    return NULL;
  const ExpMember members[] = {
    { "timestamp", number (8), 0 }, { "io_group", number (1), 8 },  { "io_channel", number (1), 9 },
    { "chip_id", number (1), 10 },  { "registers", registers, 11 },
  };
  return exp_dtype_new_compound (11 + N_REGISTERS, G_N_ELEMENTS (members), members, error);
}

static ExpNode *
make_table (ExpNode *root, const char *name, ExpDtype *dtype, guint64 chunk, GError **error)
{
  const ExpPacking none = { 0 };
  const ExpNewDataset dataset
      = { .dtype = dtype, .rank = 1, .is_extensible = TRUE, .chunk = { chunk }, .packing = &none, .as_h5py = TRUE };

  return dtype != NULL ? exp_node_create_dataset (root, name, &dataset, error) : NULL;
}

static gboolean
make_header (ExpNode *root, GError **error)
{
  g_autoptr (ExpNode) header = exp_node_create_group (root, "_header", error);
  g_autoptr (ExpArray) version = exp_array_new_text (VERSION);
  g_autoptr (ExpArray) now = exp_array_new_float (g_get_real_time () / 1e6);

  return header != NULL && exp_node_write_attribute (header, "version", version, error)
         && exp_node_write_attribute (header, "created", now, error)
         && exp_node_write_attribute (header, "modified", now, error);
}

/* The tables; that of packets is returned. The sizes of chunks are those that h5py chooses. */
static ExpNode *
make_tables (ExpNode *root, guint64 n_first, GError **error)
{
  g_autoptr (ExpDtype) packet = packet_type (error);
  g_autoptr (ExpDtype) message = message_type (error);
  g_autoptr (ExpDtype) config = config_type (error);
  g_autoptr (ExpArray) types = exp_array_new_text (PACKET_TYPES);
  g_autoptr (ExpNode) packets = make_header (root, error) ? make_table (root, "packets", packet, n_first, error) : NULL;

  if (packets == NULL || !exp_node_write_attribute (packets, "packet_types", types, error))
    return NULL;
  g_autoptr (ExpNode) messages = make_table (root, "messages", message, 128, error);
  g_autoptr (ExpNode) configs = messages != NULL ? make_table (root, "configs", config, 64, error) : NULL;
  return configs != NULL ? g_steal_pointer (&packets) : NULL;
}

/* --- rows --------------------------------------------------------------------------------------------------- */

typedef struct
{
  ExpLarpixStore *raw;
  ExpNode *root, *packets; /* of the new file; packets are NULL before the first are there */
  GByteArray *rows;        /* that wait */
  ExpConversion *conversion;
} Conversion;

static gboolean
flush_rows (Conversion *self, GError **error)
{
  const guint64 n = self->rows->len / EXP_LARPIX_PACKET_SIZE, end = self->conversion->n_packets + n;
  g_auto (ExpInfo) info = { 0 };

  if (self->packets == NULL && (self->packets = make_tables (self->root, n > 0 ? n : 256, error)) == NULL)
    return FALSE;
  if (n == 0)
    return TRUE;
  if (!exp_node_resize (self->packets, 1, &end, error) || !exp_node_describe (self->packets, &info, error)
      || !exp_node_write_flat (self->packets, &info, self->conversion->n_packets, n, self->rows->data, error))
    return FALSE;
  self->conversion->n_packets = end;
  g_byte_array_set_size (self->rows, 0);
  return TRUE;
}

static gboolean
add_message (Conversion *self, const ExpVlen *message, guint8 io_group, GError **error)
{
  const gsize most = exp_larpix_message_most (message->length);
  g_autofree ExpLarpixPacket *packets = g_try_new (ExpLarpixPacket, most);
  guint8 row[EXP_LARPIX_PACKET_SIZE];
  gsize n;

  if (packets == NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NO_MEMORY, "no memory for its packets");
      return FALSE;
    }
  if (!exp_larpix_message_parse (message->data, message->length, io_group, packets, &n, error))
    return FALSE;
  for (gsize i = 0; i < n; i++)
    {
      exp_larpix_packet_store (&packets[i], row);
      g_byte_array_append (self->rows, row, sizeof row);
      if (self->rows->len >= ROWS * EXP_LARPIX_PACKET_SIZE && !flush_rows (self, error))
        return FALSE;
    }
  self->conversion->n_messages++;
  return TRUE;
}

/* The header's first member, where the group is. */
static guint8
group_of (const ExpArray *headers, gsize i)
{
  const ExpDtype *dtype = headers->dtype;
  const guint8 *cell = headers->data + i * dtype->size;

  for (guint k = 0; dtype->type == EXP_TYPE_COMPOUND && k < dtype->n_members; k++)
    if (strcmp (dtype->members[k].name, "io_groups") == 0)
      return (guint8)exp_cell_int (dtype->members[k].dtype, cell + dtype->members[k].offset);
  return 0;
}

static gboolean
add_messages (Conversion *self, guint64 start, guint64 count, guint64 *n_bytes, GError **error)
{
  g_autoptr (ExpArray) msgs = exp_larpix_read_run (self->raw, self->raw->msgs, start, count, error);
  g_autoptr (ExpArray) headers
      = msgs != NULL ? exp_larpix_read_run (self->raw, self->raw->headers, start, count, error) : NULL;

  *n_bytes = 0;
  if (headers == NULL)
    return FALSE;
  for (gsize i = 0; i < count; i++)
    {
      ExpVlen message;

      memcpy (&message, msgs->data + i * sizeof message, sizeof message);
      *n_bytes += message.length;
      if (!add_message (self, &message, group_of (headers, i), error))
        {
          g_prefix_error (error, "message %" G_GUINT64_FORMAT ": ", start + i);
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
add_all (Conversion *self, GError **error)
{
  gboolean is_growing;
  guint64 n, n_bytes, count = MESSAGES;

  if (!exp_larpix_n_rows (self->raw, self->raw->msgs, &n, &is_growing, error))
    return FALSE;
  for (guint64 start = 0, n_read; start < n; start += n_read)
    {
      n_read = MIN (count, n - start);
      if (!add_messages (self, start, n_read, &n_bytes, error))
        return FALSE;
      if (n_bytes < FEW_BYTES)
        count = MIN (count * 2, ROWS);
      else if (n_bytes > MANY_BYTES)
        count = MAX (n_read * MANY_BYTES / n_bytes, 1);
    }
  return flush_rows (self, error);
}

/* --- all of it ---------------------------------------------------------------------------------------------- */

static ExpLarpixStore *
open_raw (const char *path, const ExpStoreOptions *options, GError **error)
{
  g_autoptr (ExpNode) root = exp_format_hdf5.recognise (path) ? exp_format_hdf5.open (path, options, error) : NULL;
  g_autoptr (ExpLarpixStore) store = root != NULL ? exp_larpix_store_new (root, options, error) : NULL;

  if (store != NULL && store->has_hex && store->headers != NULL)
    return g_steal_pointer (&store);
  if (store != NULL || error == NULL || *error == NULL)
    g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_A_STORE, "not a LArPix raw file with messages and headers");
  return NULL;
}

static gboolean
fill (const char *path, ExpLarpixStore *raw, ExpConversion *conversion, GError **error)
{
  const ExpStoreOptions own = { .is_writable = TRUE, .is_own = TRUE };
  g_autoptr (ExpNode) root = exp_format_hdf5.open (path, &own, error);
  g_autoptr (GByteArray) rows = g_byte_array_new ();
  Conversion self = { .raw = raw, .root = root, .rows = rows, .conversion = conversion };
  gboolean is_filled = root != NULL && add_all (&self, error) && exp_node_commit (root, TRUE, error);

  g_clear_pointer (&self.packets, exp_node_unref);
  return is_filled;
}

/* The whole file gets its name, unless that is taken meanwhile. */
static gboolean
give_name (const char *made_in, const char *to, GError **error)
{
  if (link (made_in, to) == 0)
    {
      unlink (made_in);
      return exp_folder_sync (to, error);
    }
  const int saved_errno = errno;
  if (saved_errno != EEXIST && access (to, F_OK) != 0 && rename (made_in, to) == 0)
    return exp_folder_sync (to, error);
  g_set_error (error, EXP_ERROR, saved_errno == EEXIST ? EXP_ERROR_EXISTS : EXP_ERROR_IO, "%s: %s", to,
               g_strerror (saved_errno));
  return FALSE;
}

gboolean
exp_larpix_convert (const char *from, const char *to, const ExpStoreOptions *options, ExpConversion *conversion,
                    GError **error)
{
  const ExpStoreOptions none = { 0 };
  g_autofree char *made_in = g_strdup_printf ("%s.new-%d", to, (int)getpid ());

  *conversion = (ExpConversion){ 0 };
  if (access (to, F_OK) == 0)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_EXISTS, "%s: there is something already", to);
      return FALSE;
    }
  g_autoptr (ExpLarpixStore) raw = open_raw (from, options, error);
  if (raw == NULL)
    {
      g_prefix_error (error, "%s: ", from);
      return FALSE;
    }
  if (!exp_store_create (made_in, "hdf5", &none, error))
    return FALSE;
  if (fill (made_in, raw, conversion, error) && give_name (made_in, to, error))
    return TRUE;
  unlink (made_in);
  g_prefix_error (error, "%s: ", from);
  return FALSE;
}
