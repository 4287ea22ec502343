// SPDX-License-Identifier: LGPL-2.1-or-later
#include "net/channel.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <functional>
#include <string>
#include <vector>

#include "base/limits.h"
#include "support/sealed-pair.h"

using std::string;

namespace
{

const gsize use_all = G_MAXSIZE;

class Channel : public testing::Test
{
protected:
  SealedPair pair;
  PostsealChannel *channel = nullptr;
  std::function<gsize (const string &)> on_data = [] (const string &) { return use_all; };
  std::function<void ()> on_closed = [] () {};
  std::function<void ()> on_drained = [] () {};
  string received; // what on_data has used
  gsize longest = 0;
  int n_closed = 0;
  int n_drained = 0;
  GError *error = nullptr;

  void
  open (guint timeout_ms = 0)
  {
    static const PostsealChannelHandler handler = { handle_data, handle_closed, handle_drained };

    channel = postseal_channel_new (pair.take_link (), timeout_ms, nullptr, &handler, this);
  }

  void
  free_channel ()
  {
    g_clear_pointer (&channel, postseal_channel_free);
  }

  void
  TearDown () override
  {
    free_channel ();
    g_clear_error (&error);
  }

private:
  static gsize
  handle_data (PostsealChannel *channel, const char *data, gsize length, gpointer user_data)
  {
    auto self = static_cast<Channel *> (user_data);
    gsize used = self->on_data (string (data, length));

    EXPECT_GT (length, 0u);
    EXPECT_EQ (self->n_closed, 0) << "data after the end";
    used = MIN (used, length);
    self->longest = MAX (self->longest, length);
    self->received.append (data, used);
    return used;
  }

  static void
  handle_closed (PostsealChannel *channel, const GError *error, gpointer user_data)
  {
    auto self = static_cast<Channel *> (user_data);

    self->n_closed++;
    self->error = g_error_copy (error);
    self->on_closed ();
  }

  static void
  handle_drained (PostsealChannel *channel, gpointer user_data)
  {
    auto self = static_cast<Channel *> (user_data);

    EXPECT_EQ (postseal_channel_get_queued (channel), 0u);
    self->n_drained++;
    self->on_drained ();
  }
};

string
deflate_all (z_stream *stream, const string &text)
{
  string out (compressBound (text.size ()) + 64, '\0');

  stream->next_in = reinterpret_cast<Bytef *> (const_cast<char *> (text.data ()));
  stream->avail_in = static_cast<uInt> (text.size ());
  stream->next_out = reinterpret_cast<Bytef *> (&out[0]);
  stream->avail_out = static_cast<uInt> (out.size ());
  EXPECT_EQ (deflate (stream, Z_SYNC_FLUSH), Z_OK);
  out.resize (out.size () - stream->avail_out);
  return out;
}

string
deflate_text (const string &text)
{
  z_stream stream = {};
  string out;

  EXPECT_EQ (deflateInit2 (&stream, 9, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY), Z_OK);
  out = deflate_all (&stream, text);
  deflateEnd (&stream);
  return out;
}

string
inflate_text (const string &text)
{
  z_stream stream = {};
  string out (1 << 20, '\0');

  EXPECT_EQ (inflateInit2 (&stream, -15), Z_OK);
  stream.next_in = reinterpret_cast<Bytef *> (const_cast<char *> (text.data ()));
  stream.avail_in = static_cast<uInt> (text.size ());
  stream.next_out = reinterpret_cast<Bytef *> (&out[0]);
  stream.avail_out = static_cast<uInt> (out.size ());
  EXPECT_EQ (inflate (&stream, Z_SYNC_FLUSH), Z_OK);
  out.resize (out.size () - stream.avail_out);
  inflateEnd (&stream);
  return out;
}

string
varied_text (size_t length)
{
  string text;
  guint32 seed = 1;

  while (text.size () < length)
    text.push_back (static_cast<char> ((seed = seed * 1664525 + 1013904223) >> 24));
  return text;
}

} // namespace

TEST_F (Channel, NothingIsOfferedFromWithinNew)
{
  pair.say ("+OK\r\n");
  open ();
  EXPECT_EQ (received, "");
  EXPECT_TRUE (run_until ([&] { return received == "+OK\r\n"; }));
  EXPECT_EQ (postseal_channel_get_received (channel), 5u);
}

TEST_F (Channel, WhatIsLeftIsOfferedAgainWithMoreBehindIt)
{
  std::vector<string> offers;

  on_data = [&] (const string &data) {
    offers.push_back (data);
    return data.find ('\n') == string::npos ? 0 : use_all;
  };
  open ();
  pair.say ("+O");
  ASSERT_TRUE (run_until ([&] { return offers.size () == 1; }));
  pair.say ("K\n");
  ASSERT_TRUE (run_until ([&] { return offers.size () == 2; }));
  EXPECT_EQ (offers[1], "+OK\n");
}

TEST_F (Channel, LeftoversSurviveAnyAmountOfTraffic)
{
  const string text = varied_text (3000000);
  size_t n_said = 0;

  on_data = [&] (const string &data) { return data.size () - data.size () % 4099; };
  open ();
  ASSERT_TRUE (run_until ([&] {
    n_said += pair.say (text.substr (n_said, 100000));
    return n_said == text.size ();
  }));
  pair.hang_up ();
  ASSERT_TRUE (run_until ([&] { return n_closed == 1; }));
  EXPECT_EQ (received, text.substr (0, text.size () - text.size () % 4099));
  EXPECT_LT (longest, 2u * 65536u);
}

TEST_F (Channel, TooLongALeftoverEndsIt)
{
  size_t n_said = 0;
  const string text (POSTSEAL_LIMIT_LINE, 'x');

  on_data = [] (const string &) { return 0; };
  open ();
  ASSERT_TRUE (run_until ([&] {
    n_said += pair.say (text.substr (n_said));
    return n_closed == 1;
  }));
  EXPECT_TRUE (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_MESSAGE_TOO_LARGE));
}

TEST_F (Channel, EndOfStreamIsReportedAfterTheData)
{
  pair.say ("last words");
  pair.hang_up ();
  open ();
  ASSERT_TRUE (run_until ([&] { return n_closed == 1; }));
  EXPECT_EQ (received, "last words");
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_CLOSED));
  settle ();
  EXPECT_EQ (n_closed, 1);
}

TEST_F (Channel, WritesOfOneIterationLeaveTogetherAndInOrder)
{
  open ();
  postseal_channel_write (channel, "CAPA\r\n", -1);
  postseal_channel_write (channel, "NOOPxyz", 4);
  EXPECT_EQ (pair.hear (), "") << "sent from within the call";
  settle ();
  EXPECT_EQ (pair.hear (), "CAPA\r\nNOOP");
}

TEST_F (Channel, MoreThanTheSocketTakesArrivesWhole)
{
  const string text = varied_text (5000000);
  string heard;

  open ();
  for (size_t i = 0; i < text.size (); i += 50000)
    postseal_channel_write (channel, text.data () + i, 50000);
  EXPECT_TRUE (run_until ([&] {
    heard += pair.hear ();
    return heard.size () == text.size ();
  }));
  EXPECT_TRUE (heard == text);
}

TEST_F (Channel, PausedChannelReadsNothingButWrites)
{
  open ();
  postseal_channel_pause (channel);
  postseal_channel_pause (channel);
  postseal_channel_write (channel, "NOOP\r\n", -1);
  pair.say ("+OK\r\n");
  settle ();
  EXPECT_EQ (received, "");
  EXPECT_EQ (pair.hear (), "NOOP\r\n");
  postseal_channel_resume (channel);
  EXPECT_EQ (received, "");
  EXPECT_TRUE (run_until ([&] { return received == "+OK\r\n"; }));
}

TEST_F (Channel, WhatAPauseLeftIsOfferedAfterTheResume)
{
  on_data = [&] (const string &) {
    postseal_channel_pause (channel);
    return 2;
  };
  open ();
  pair.say ("abcd");
  ASSERT_TRUE (run_until ([&] { return received == "ab"; }));
  settle ();
  EXPECT_EQ (received, "ab");
  postseal_channel_resume (channel);
  EXPECT_TRUE (run_until ([&] { return received == "abcd"; }));
}

TEST_F (Channel, EndMetBeforeAPauseIsReportedAfterTheResume)
{
  on_data = [&] (const string &) {
    postseal_channel_pause (channel);
    return use_all;
  };
  pair.say ("x");
  pair.hang_up ();
  open ();
  ASSERT_TRUE (run_until ([&] { return received == "x"; }));
  settle ();
  EXPECT_EQ (n_closed, 0);
  postseal_channel_resume (channel);
  EXPECT_TRUE (run_until ([&] { return n_closed == 1; }));
}

TEST_F (Channel, FloodLeavesOtherSourcesTheirTurn)
{
  const string flood (1 << 20, 'x');
  gsize between = 0;
  bool was_called = false;
  int size = 1 << 20;

  setsockopt (pair.peer, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
  on_data = [&] (const string &data) {
    between += data.size ();
    pair.say (flood); // never runs dry
    return use_all;
  };
  open ();
  pair.say (flood);
  for (int i = 0; i < 50; i++)
    {
      between = 0;
      g_main_context_iteration (nullptr, FALSE);
      was_called = was_called || between > 0;
      EXPECT_LE (between, 5u * 65536u);
    }
  EXPECT_TRUE (was_called);
}

TEST_F (Channel, SilenceEndsIt)
{
  open (30);
  EXPECT_TRUE (run_until ([&] { return n_closed == 1; }));
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_TIMEOUT));
}

TEST_F (Channel, DataThatArrivedWhileTheLoopWasBusyCount)
{
  open (20);
  pair.say ("x");
  g_usleep (40000);
  ASSERT_TRUE (run_until ([&] { return received == "x"; }));
  EXPECT_EQ (n_closed, 0);
}

TEST_F (Channel, NoTimeoutAndAPauseStopTheClock)
{
  open (20);
  postseal_channel_set_timeout (channel, 0);
  g_usleep (30000);
  settle ();
  EXPECT_EQ (n_closed, 0);
  postseal_channel_set_timeout (channel, 20);
  postseal_channel_pause (channel);
  g_usleep (30000);
  settle ();
  EXPECT_EQ (n_closed, 0);
  postseal_channel_resume (channel);
  EXPECT_TRUE (run_until ([&] { return n_closed == 1; }));
}

TEST_F (Channel, PeerThatNeverReadsEndsInATimeout)
{
  const string text (1 << 20, 'x');

  open (30);
  postseal_channel_write (channel, text.data (), static_cast<gssize> (text.size ()));
  EXPECT_TRUE (run_until ([&] { return n_closed == 1; }));
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_TIMEOUT));
}

TEST_F (Channel, SaysWhenAllThatWasQueuedHasLeft)
{
  const string text (1 << 20, 'x');
  size_t heard = 0;

  open ();
  postseal_channel_write (channel, text.data (), static_cast<gssize> (text.size ()));
  EXPECT_EQ (postseal_channel_get_queued (channel), text.size ());
  settle ();
  EXPECT_EQ (n_drained, 0) << "the peer has not read";
  EXPECT_GT (postseal_channel_get_queued (channel), 0u);
  EXPECT_LT (postseal_channel_get_queued (channel), text.size ());
  EXPECT_TRUE (run_until ([&] {
    heard += pair.hear ().size ();
    return n_drained == 1;
  }));
  settle ();
  heard += pair.hear ().size ();
  EXPECT_EQ (heard, text.size ());
  EXPECT_EQ (n_drained, 1);
}

TEST_F (Channel, WritingWheneverDrainedKeepsNothingElseFromItsTurn)
{
  string heard;

  open ();
  on_drained = [&] {
    if (n_drained < 100)
      postseal_channel_write (channel, "x", 1);
  };
  postseal_channel_write (channel, "x", 1);
  pair.say ("hello");
  EXPECT_TRUE (run_until ([&] { return !received.empty (); }));
  EXPECT_LT (n_drained, 10);
  EXPECT_TRUE (run_until ([&] {
    heard += pair.hear ();
    return n_drained == 100;
  }));
  EXPECT_EQ (heard, string (100, 'x'));
}

TEST_F (Channel, DrainedIsSaidAlsoWhilePausedAndMayFreeTheChannel)
{
  open ();
  on_drained = [&] { free_channel (); };
  postseal_channel_pause (channel);
  postseal_channel_write (channel, "x", 1);
  EXPECT_TRUE (run_until ([&] { return n_drained == 1; }));
  EXPECT_EQ (channel, nullptr);
}

TEST_F (Channel, FailIsReportedFromTheLoopAlsoWhenPaused)
{
  g_autoptr (GError) mine = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "mine");

  open ();
  postseal_channel_pause (channel);
  postseal_channel_fail (channel, mine);
  postseal_channel_fail (channel, mine);
  EXPECT_EQ (n_closed, 0);
  pair.say ("ignored");
  settle ();
  EXPECT_EQ (n_closed, 1);
  EXPECT_STREQ (error->message, "mine");
  EXPECT_EQ (received, "");
}

TEST_F (Channel, WhatThePeerSaidBeforeItHungUpIsHeard)
{
  open ();
  pair.say ("-ERR [SYS/TEMP] going down\r\n");
  pair.hang_up ();
  postseal_channel_write (channel, "NOOP\r\n", -1);
  EXPECT_TRUE (run_until ([&] { return n_closed == 1; }));
  EXPECT_EQ (received, "-ERR [SYS/TEMP] going down\r\n");
}

/* Or a reply could be taken for one to it. */
TEST_F (Channel, WhatHasNotLeftCountsAsQueuedWhileLastWordsAreHeard)
{
  gsize queued = 0;

  open ();
  pair.say ("250 taken\r\n");
  pair.hang_up ();
  on_data = [&] (const string &) {
    queued = postseal_channel_get_queued (channel);
    return use_all;
  };
  postseal_channel_write (channel, "BDAT\r\n", -1);
  EXPECT_TRUE (run_until ([&] { return n_closed == 1; }));
  EXPECT_EQ (queued, 6u);
}

TEST_F (Channel, MayBeFreedFromOnData)
{
  on_data = [&] (const string &) {
    free_channel ();
    return use_all;
  };
  open ();
  pair.say ("x");
  EXPECT_TRUE (run_until ([&] { return channel == nullptr; }));
  settle ();
  pair.hear ();
  EXPECT_TRUE (pair.is_ended);
  EXPECT_EQ (n_closed, 0);
}

TEST_F (Channel, MayBeFreedFromOnClosed)
{
  on_closed = [&] { free_channel (); };
  open ();
  pair.hang_up ();
  EXPECT_TRUE (run_until ([&] { return n_closed == 1; }));
  EXPECT_EQ (channel, nullptr);
}

TEST_F (Channel, PoliteCloseSendsWhatIsQueuedAndWaitsForThePeer)
{
  open ();
  postseal_channel_write (channel, "QUIT\r\n", -1);
  postseal_channel_close_politely (g_steal_pointer (&channel));
  EXPECT_EQ (pair.hear (), "QUIT\r\n") << "the loop may not run any more";
  pair.say ("+OK\r\n");
  settle ();
  pair.hear ();
  EXPECT_FALSE (pair.is_ended) << "closing now would reset the connection";
  shutdown (pair.peer, SHUT_WR);
  EXPECT_TRUE (run_until ([&] {
    pair.hear ();
    return pair.is_ended;
  }));
  EXPECT_EQ (received, "");
  EXPECT_EQ (n_closed, 0);
}

TEST_F (Channel, PoliteCloseFromOnDataWithMuchQueuedIsBounded)
{
  const string text (1 << 20, 'x');
  gint64 start = g_get_monotonic_time ();

  on_data = [&] (const string &) {
    postseal_channel_write (channel, text.data (), static_cast<gssize> (text.size ()));
    postseal_channel_close_politely (g_steal_pointer (&channel));
    return use_all;
  };
  open ();
  pair.say ("x");
  // The peer neither reads nor closes.
  EXPECT_TRUE (run_until ([&] {
    GPollFD poll = { pair.peer, G_IO_HUP, 0 };

    return g_poll (&poll, 1, 0) == 1;
  }));
  EXPECT_LT (g_get_monotonic_time () - start,
             4 * POSTSEAL_LIMIT_CLOSE_MS * G_GINT64_CONSTANT (1000));
}

class DeflatedChannel : public Channel, public testing::WithParamInterface<size_t>
{
};

INSTANTIATE_TEST_SUITE_P (SplitAt, DeflatedChannel, testing::Values (3, 4, 20, 1000, 1 << 20));

TEST_P (DeflatedChannel, BeginsRightBehindTheOk) // RFC 4978 section 3
{
  const string message = varied_text (100000) + string (400000, 'z');
  const string stream = "OK\n" + deflate_text (message);
  size_t n_said = 0;

  on_data = [&] (const string &) {
    if (!received.empty ())
      return use_all;
    postseal_channel_start_deflate (channel);
    return gsize (3);
  };
  open ();
  n_said = pair.say (stream.substr (0, GetParam ()));
  settle ();
  ASSERT_TRUE (run_until ([&] {
    n_said += pair.say (stream.substr (n_said));
    return received.size () >= 3 + message.size ();
  }));
  EXPECT_TRUE (received == "OK\n" + message);
  EXPECT_LE (longest, 2u * 65536u);

  postseal_channel_write (channel, "a NOOP\r\n", -1);
  postseal_channel_write (channel, "b NOOP\r\n", -1);
  settle ();
  EXPECT_EQ (inflate_text (pair.hear ()), "a NOOP\r\nb NOOP\r\n");
}

TEST_F (Channel, DeflatedTextComesThroughByteByByteAndThroughPauses)
{
  const string message = string (200000, 'a') + varied_text (300) + string (200000, 'b');
  const string compressed = deflate_text (message);
  size_t n_said = 0;

  on_data = [&] (const string &) {
    if (received.empty ())
      postseal_channel_start_deflate (channel);
    else
      postseal_channel_pause (channel);
    return received.empty () ? 1 : use_all;
  };
  open ();
  pair.say ("!");
  settle ();
  EXPECT_TRUE (run_until ([&] {
    if (n_said < compressed.size ())
      n_said += pair.say (compressed.substr (n_said, 1));
    settle ();
    postseal_channel_resume (channel);
    return received.size () > message.size ();
  }));
  EXPECT_TRUE (received == "!" + message);
}

TEST_F (Channel, BombIsStreamedInPieces)
{
  const string compressed = deflate_text (string (64 << 20, '\0'));
  gsize n_received = 0;
  size_t n_said = 0;
  gsize most = 0;

  open ();
  postseal_channel_start_deflate (channel);
  on_data = [&] (const string &data) {
    n_received += data.size ();
    return use_all;
  };
  for (int i = 0; i < 100000 && n_received < 64 << 20; i++)
    {
      gsize before = n_received;

      n_said += pair.say (compressed.substr (n_said));
      g_main_context_iteration (nullptr, FALSE);
      received.clear ();
      most = MAX (most, n_received - before);
    }
  EXPECT_EQ (n_received, 64u << 20);
  EXPECT_LE (most, 12u * 65536u);
  EXPECT_LE (longest, 2u * 65536u);
}

TEST_F (Channel, DamagedCompressionEndsIt)
{
  open ();
  postseal_channel_start_deflate (channel);
  pair.say (string (200, '\xff'));
  EXPECT_TRUE (run_until ([&] { return n_closed == 1; }));
  EXPECT_TRUE (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA));
}

TEST_F (Channel, WhoeverTakesItOverHearsWhatIsLeft)
{
  static string heard;
  static const PostsealChannelHandler successor = {
    [] (PostsealChannel *, const char *data, gsize length, gpointer) {
      heard.append (data, length);
      return length;
    },
    [] (PostsealChannel *, const GError *, gpointer) { heard += "end"; },
    nullptr,
  };

  heard.clear ();
  on_data = [&] (const string &data) {
    postseal_channel_pause (channel);
    postseal_channel_take_over (channel, &successor, nullptr);
    return data.find ('\n') + 1;
  };
  open (20);
  pair.say ("mine\nyours");
  ASSERT_TRUE (run_until ([&] { return heard == "yours"; })) << heard;
  g_usleep (30000); /* longer than the silence that there was a limit to */
  pair.say (" too");
  ASSERT_TRUE (run_until ([&] { return heard == "yours too"; })) << heard;
  pair.hang_up ();
  ASSERT_TRUE (run_until ([&] { return heard == "yours tooend"; })) << heard;
  EXPECT_EQ (received, "mine\n");
  EXPECT_EQ (n_closed, 0);
}

TEST_F (Channel, OneHalfOfItsLinkCanEnd)
{
  open ();
  postseal_channel_write (channel, "last", -1);
  ASSERT_TRUE (run_until ([&] { return postseal_channel_get_queued (channel) == 0; }));
  EXPECT_TRUE (postseal_sealed_link_end_writing (postseal_channel_get_link (channel)));
  pair.say ("still here");
  ASSERT_TRUE (run_until ([&] { return received == "still here"; })) << received;
  EXPECT_EQ (n_closed, 0);
}
