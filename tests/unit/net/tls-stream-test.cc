/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dial-fixture.h"

using namespace postseal_test;

namespace
{

/* A sealed link to a script that begins after the handshake. */
class TlsStream : public DialFixture
{
protected:
  void
  connect_to (ScriptedServer::Script script, const char *priority = "NORMAL")
  {
    ServerTls tls{ test_ca ().issue () };

    tls.priority = priority;
    server = std::make_unique<ScriptedServer> ([=] (Peer &peer) {
      if (peer.start_tls (tls))
        script (peer);
    });
    ASSERT_TRUE (dial_imaps (*server)) << error->message;
  }

  /* Writes all of @text, waiting as often as it takes. */
  void
  write_all (const std::string &text)
  {
    size_t done = 0;

    while (done < text.size ())
      {
        GError *write_error = nullptr;
        gssize count = g_pollable_output_stream_write_nonblocking (
            output (), text.data () + done, text.size () - done, nullptr, &write_error);

        if (count >= 0)
          {
            done += static_cast<size_t> (count);
            continue;
          }
        ASSERT_TRUE (g_error_matches (write_error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
            << write_error->message;
        g_clear_error (&write_error);
        wait_writable ();
      }
  }

  void
  wait_writable ()
  {
    bool is_ready = false;
    GSource *source = g_pollable_output_stream_create_source (output (), nullptr);

    g_source_set_callback (source, G_SOURCE_FUNC (+[] (GObject *, gpointer data) -> gboolean {
                             *static_cast<bool *> (data) = true;
                             return G_SOURCE_REMOVE;
                           }),
                           &is_ready, nullptr);
    g_source_attach (source, loop.context ());
    loop.wait_for ([&] { return is_ready; });
    g_source_destroy (source);
    g_source_unref (source);
  }

  void
  expect_truncated ()
  {
    EXPECT_TRUE (g_error_matches (read_error, POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_TRUNCATED))
        << (read_error != nullptr ? read_error->message : "no error");
    g_clear_error (&read_error);
  }

  std::unique_ptr<ScriptedServer> server;
};

struct Gulper
{
  std::string all;
  size_t wanted;
};

} // namespace

/* One record, read in small pieces by a source that stays: what is decrypted already makes no event
   on the socket. */
TEST_F (TlsStream, PendingBytesKeepASourceReady)
{
  std::string text (16000, 'x');
  connect_to ([=] (Peer &peer) {
    peer.send (text);
    peer.stall ();
  });
  Gulper gulper{ "", text.size () };
  GSource *source = g_pollable_input_stream_create_source (input (), nullptr);

  g_source_set_callback (source, G_SOURCE_FUNC (+[] (GObject *stream, gpointer data) -> gboolean {
                           auto *self = static_cast<Gulper *> (data);
                           char bytes[100];
                           gssize count = g_pollable_input_stream_read_nonblocking (
                               G_POLLABLE_INPUT_STREAM (stream), bytes, sizeof bytes, nullptr,
                               nullptr);

                           if (count > 0)
                             self->all.append (bytes, static_cast<size_t> (count));
                           return G_SOURCE_CONTINUE;
                         }),
                         &gulper, nullptr);
  g_source_attach (source, loop.context ());
  EXPECT_TRUE (loop.wait_for ([&] { return gulper.all.size () == gulper.wanted; }, 5000));
  EXPECT_EQ (gulper.all, text);
  g_source_destroy (source);
  g_source_unref (source);
}

TEST_F (TlsStream, IsReadableKnowsOfPendingBytes)
{
  connect_to ([] (Peer &peer) {
    peer.send ("hello");
    peer.stall ();
  });

  EXPECT_EQ (read (1).size (), 5u);
  EXPECT_FALSE (g_pollable_input_stream_is_readable (input ()));
}

/* GnuTLS wants the same bytes after EAGAIN; whoever offers others hears of it instead of sending
 * both. */
TEST_F (TlsStream, BlockedWriteWantsTheSameBytesAgain)
{
  std::mutex mutex;
  std::string received;
  const size_t size = 24 * 1024 * 1024; /* more than both sockets hold */
  std::string text (size, 'x');
  for (size_t i = 0; i < text.size (); i++)
    text[i] = static_cast<char> ('a' + i % 23);
  auto gate = std::make_shared<std::atomic<bool>> (false);
  connect_to ([&, gate] (Peer &peer) {
    while (!*gate)
      g_usleep (500);
    std::string bytes = peer.read_bytes (size);
    std::lock_guard<std::mutex> lock (mutex);
    received = bytes;
  });
  size_t done = 0;
  GError *write_error = nullptr;

  while (write_error == nullptr)
    {
      gssize count = g_pollable_output_stream_write_nonblocking (
          output (), text.data () + done, text.size () - done, nullptr, &write_error);

      done += static_cast<size_t> (MAX (count, 0));
      if (done == text.size ())
        break;
    }
  EXPECT_TRUE (g_error_matches (write_error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
      << "the socket never blocked";
  g_clear_error (&write_error);
  std::string other (20000, '?');
  EXPECT_EQ (g_pollable_output_stream_write_nonblocking (output (), other.data (), other.size (),
                                                         nullptr, &write_error),
             -1);
  EXPECT_TRUE (g_error_matches (write_error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT));
  g_clear_error (&write_error);
  *gate = true;
  write_all (text.substr (done));
  hang_up ();
  server->stop ();
  EXPECT_TRUE (received == text);
}

TEST_F (TlsStream, GathersSmallPiecesIntoOneRecord)
{
  connect_to ([] (Peer &peer) { peer.read_all (); });
  GOutputVector pieces[] = { { "a1 ", 3 }, { "", 0 }, { "NOOP", 4 }, { "\r\n", 2 } };
  gsize written = 0;

  EXPECT_EQ (g_pollable_output_stream_writev_nonblocking (output (), pieces, 4, &written, nullptr,
                                                          nullptr),
             G_POLLABLE_RETURN_OK);
  EXPECT_EQ (written, 9u);
  hang_up ();
  server->stop ();
  Record record = server->record ();
  unsigned records = 0;
  for (size_t i = 0; i + 5 <= record.raw.size ();
       i += 5 + 256 * static_cast<guchar> (record.raw[i + 3])
            + static_cast<guchar> (record.raw[i + 4]))
    records += record.raw[i] == 0x17;
  EXPECT_EQ (record.tls, "a1 NOOP\r\n");
  EXPECT_EQ (records, 3u) << "Finished, the line, close_notify";
  EXPECT_TRUE (record.ended_with_close_notify);
}

/* RFC 8446 section 6.1 */
TEST_F (TlsStream, CloseNotifyIsAnEndForEver)
{
  connect_to ([] (Peer &peer) {
    peer.send ("bye");
    peer.say_goodbye ();
    peer.stall ();
  });

  EXPECT_EQ (read (99), "bye");
  EXPECT_EQ (read_error_text (), "");
  EXPECT_EQ (read (1), "");
  EXPECT_EQ (read_error_text (), "");
  EXPECT_TRUE (g_pollable_input_stream_is_readable (input ()));
}

TEST_F (TlsStream, CutBetweenRecordsIsTruncation)
{
  connect_to ([] (Peer &peer) {
    peer.send ("half a mess");
    peer.cut ();
  });

  EXPECT_EQ (read (99), "half a mess");
  expect_truncated ();
  EXPECT_EQ (read (1), "");
  expect_truncated ();
  EXPECT_EQ (g_pollable_output_stream_write_nonblocking (output (), "x", 1, nullptr, nullptr), -1);
}

TEST_F (TlsStream, CutInsideARecordIsTruncation)
{
  connect_to ([] (Peer &peer) {
    peer.send ("half a mess");
    peer.send_raw (std::string ("\x17\x03\x03\x00\x40", 5) + "some of it");
    peer.cut ();
  });

  EXPECT_EQ (read (99), "half a mess");
  expect_truncated ();
}

TEST_F (TlsStream, ResetIsTruncation)
{
  connect_to ([] (Peer &peer) {
    peer.send ("half a mess");
    peer.read_line ();
    peer.reset ();
  });

  EXPECT_EQ (read (11), "half a mess");
  write ("x\r\n");
  EXPECT_EQ (read (1), "");
  expect_truncated ();
}

TEST_F (TlsStream, ForgedRecordIsDamage)
{
  connect_to ([] (Peer &peer) {
    peer.send_raw (std::string ("\x17\x03\x03\x00\x20", 5) + std::string (32, 'f'));
    peer.stall ();
  });

  EXPECT_EQ (read (99), "");
  expect_truncated ();
}

/* An alert in clear after the handshake is not a goodbye. */
TEST_F (TlsStream, ForgedCloseNotifyIsDamage)
{
  connect_to ([] (Peer &peer) {
    peer.send ("half a mess");
    peer.send_raw (std::string ("\x15\x03\x03\x00\x02\x01\x00", 7));
    peer.cut ();
  });

  EXPECT_EQ (read (99), "half a mess");
  expect_truncated ();
}

/* RFC 8446 section 4.6.3 */
TEST_F (TlsStream, KeyUpdateIsFollowed)
{
  connect_to ([] (Peer &peer) {
    peer.send ("old key\r\n");
    gnutls_session_key_update (peer.session (), GNUTLS_KU_PEER);
    peer.send ("new key\r\n");
    EXPECT_EQ (peer.read_line (), "answer");
    peer.send ("fine\r\n");
    peer.stall ();
  });

  EXPECT_EQ (read (18), "old key\r\nnew key\r\n");
  write ("answer\r\n");
  EXPECT_EQ (read (6), "fine\r\n") << read_error_text ();
}

/* RFC 5246 section 7.4.1.1: a client may pass over a HelloRequest. */
TEST_F (TlsStream, RenegotiationIsPassedOver)
{
  connect_to (
      [] (Peer &peer) {
        gnutls_rehandshake (peer.session ());
        peer.send ("go on\r\n");
        peer.stall ();
      },
      "NORMAL:-VERS-ALL:+VERS-TLS1.2");

  EXPECT_EQ (read (7), "go on\r\n") << read_error_text ();
}

TEST_F (TlsStream, HalvesOutliveTheLinkHarmlessly)
{
  connect_to ([] (Peer &peer) { peer.stall (); });
  g_autoptr (GInputStream) in = G_INPUT_STREAM (g_object_ref (input ()));
  g_autoptr (GOutputStream) out = G_OUTPUT_STREAM (g_object_ref (output ()));
  g_autoptr (GError) closed = nullptr;
  char byte;

  hang_up ();
  EXPECT_EQ (g_pollable_input_stream_read_nonblocking (G_POLLABLE_INPUT_STREAM (in), &byte, 1,
                                                       nullptr, &closed),
             -1);
  EXPECT_TRUE (g_error_matches (closed, G_IO_ERROR, G_IO_ERROR_CLOSED));
  EXPECT_TRUE (g_pollable_output_stream_is_writable (G_POLLABLE_OUTPUT_STREAM (out)));
}

TEST_F (TlsStream, SourceHonoursItsCancellable)
{
  connect_to ([] (Peer &peer) { peer.stall (); });
  g_autoptr (GCancellable) stop = g_cancellable_new ();
  bool is_called = false;
  GSource *source = g_pollable_input_stream_create_source (input (), stop);

  g_source_set_callback (source, G_SOURCE_FUNC (+[] (GObject *, gpointer data) -> gboolean {
                           *static_cast<bool *> (data) = true;
                           return G_SOURCE_REMOVE;
                         }),
                         &is_called, nullptr);
  g_source_attach (source, loop.context ());
  loop.settle ();
  EXPECT_FALSE (is_called);
  g_cancellable_cancel (stop);
  EXPECT_TRUE (loop.wait_for ([&] { return is_called; }));
  g_source_unref (source);
}

/* RFC 9266, RFC 5929 section 3 */
TEST_F (TlsStream, ChannelBindingIsTheServersToo)
{
  connect_to ([] (Peer &peer) { peer.stall (); });
  const char *type = nullptr;
  g_autoptr (GBytes) binding = postseal_sealed_link_get_channel_binding (link, &type);

  ASSERT_NE (binding, nullptr);
  EXPECT_STREQ (type, "tls-exporter");
  hang_up ();
  server->stop ();
  gsize size = 0;
  const char *data = static_cast<const char *> (g_bytes_get_data (binding, &size));
  EXPECT_EQ (size, 32u);
  EXPECT_EQ (server->record ().exporter, std::string (data, size));
}

TEST_F (TlsStream, ChannelBindingOfTls12IsUnique)
{
  connect_to ([] (Peer &peer) { peer.stall (); }, "NORMAL:-VERS-ALL:+VERS-TLS1.2");
  const char *type = nullptr;
  g_autoptr (GBytes) binding = postseal_sealed_link_get_channel_binding (link, &type);

  ASSERT_NE (binding, nullptr);
  EXPECT_STREQ (type, "tls-unique");
  EXPECT_EQ (g_bytes_get_size (binding), 12u);
  EXPECT_STREQ (seal ()->tls_version, "TLS 1.2");
}
