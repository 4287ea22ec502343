/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "net/dial.h"
#include "net/net-error.h"
#include "net/tls-tickets-private.h"
#include "support/main-loop.h"
#include "support/scripted-server.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace postseal_test
{

/* Dials scripted servers on loopback, trusting the test CA, and keeps what came of it. */
class DialFixture : public testing::Test
{
protected:
  DialFixture ()
  {
    policy = postseal_tls_policy_new (POSTSEAL_TLS_ENFORCED);
    policy->ca_file = g_strdup (test_ca ().ca_file ().c_str ());
    latches = postseal_latches_new ();
    transcript = postseal_transcript_new (
        [] (PostsealTranscriptKind kind, const char *line, gpointer data) {
          static const char *const marks[] = { "* ", "> ", "< " };
          static_cast<std::string *> (data)->append (marks[kind]).append (line).append ("\n");
        },
        &heard, nullptr);
  }

  ~DialFixture () override
  {
    hang_up ();
    g_clear_error (&error);
    postseal_tls_policy_unref (policy);
    postseal_latches_unref (latches);
    postseal_transcript_unref (transcript);
    _postseal_tls_tickets_clear ();
  }

  /* TRUE when there is a link now; otherwise there is an error. */
  bool
  dial (PostsealProtocol protocol,
        PostsealTlsStart start,
        unsigned short port,
        const char *host = "localhost")
  {
    g_autoptr (PostsealEndpoint) endpoint = postseal_endpoint_new (protocol, start, host, port);

    hang_up ();
    g_clear_error (&error);
    postseal_dial_async (endpoint, policy, latches, scope, timeout_ms, transcript, cancellable,
                         AsyncLoop::on_ready, &loop);
    link = postseal_dial_finish (loop.wait (), &error);
    EXPECT_NE (link == nullptr, error == nullptr);
    return link != nullptr;
  }

  bool
  dial_imaps (ScriptedServer &server, const char *host = "localhost")
  {
    return dial (POSTSEAL_PROTOCOL_IMAP, POSTSEAL_TLS_START_IMPLICIT, server.port (), host);
  }

  bool
  dial_imap (ScriptedServer &server)
  {
    return dial (POSTSEAL_PROTOCOL_IMAP, POSTSEAL_TLS_START_UPGRADE, server.port ());
  }

  void
  hang_up ()
  {
    g_clear_pointer (&link, postseal_sealed_link_free);
  }

  PostsealSeal *
  seal ()
  {
    return postseal_sealed_link_get_seal (link);
  }

  GPollableOutputStream *
  output ()
  {
    return G_POLLABLE_OUTPUT_STREAM (
        g_io_stream_get_output_stream (postseal_sealed_link_get_stream (link)));
  }

  GPollableInputStream *
  input ()
  {
    return G_POLLABLE_INPUT_STREAM (
        g_io_stream_get_input_stream (postseal_sealed_link_get_stream (link)));
  }

  void
  write (const std::string &text)
  {
    EXPECT_EQ (g_pollable_output_stream_write_nonblocking (output (), text.data (), text.size (),
                                                           nullptr, nullptr),
               static_cast<gssize> (text.size ()));
  }

  /* Reads until @count bytes have come, or the end, or a failure, which goes to read_error. */
  std::string
  read (size_t count)
  {
    std::string all;

    g_clear_error (&read_error);
    while (all.size () < count && read_some (&all))
      ;
    return all;
  }

  std::string
  read_error_text ()
  {
    std::string text = read_error != nullptr ? read_error->message : "";
    g_clear_error (&read_error);
    return text;
  }

  AsyncLoop loop;
  PostsealTlsPolicy *policy;
  PostsealLatches *latches;
  PostsealTranscript *transcript;
  const char *scope = nullptr;
  unsigned timeout_ms = 20000;
  GCancellable *cancellable = nullptr;
  std::string heard;
  PostsealSealedLink *link = nullptr;
  GError *error = nullptr;
  GError *read_error = nullptr;

private:
  bool
  read_some (std::string *all)
  {
    char bytes[4096];
    bool is_ready = false;
    gssize got = g_pollable_input_stream_read_nonblocking (input (), bytes, sizeof bytes, nullptr,
                                                           &read_error);

    if (got > 0)
      all->append (bytes, static_cast<size_t> (got));
    if (got >= 0 || !g_error_matches (read_error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
      return got > 0;
    g_clear_error (&read_error);
    GSource *source = g_pollable_input_stream_create_source (input (), nullptr);
    g_source_set_callback (source, G_SOURCE_FUNC (+[] (GObject *, gpointer data) -> gboolean {
                             *static_cast<bool *> (data) = true;
                             return G_SOURCE_REMOVE;
                           }),
                           &is_ready, nullptr);
    g_source_attach (source, loop.context ());
    bool came = loop.wait_for ([&] { return is_ready; });
    g_source_destroy (source);
    g_source_unref (source);
    return came;
  }
};

#define EXPECT_TLS_ERROR(code)                                                                     \
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_TLS_ERROR, code))                                  \
      << (error != nullptr ? error->message : "no error")

} // namespace postseal_test
