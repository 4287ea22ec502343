/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* postseal-lookup as the library runs it, against a DNS server with signed zones and https servers
   of this machine. */

#include <gtest/gtest.h>
#include <set>
#include <sstream>

#include "base/limits.h"
#include "net/lookup.h"
#include "support/dns-zone.h"
#include "support/https-server.h"
#include "support/main-loop.h"
#include "support/sandbox.h"

using namespace postseal_test;

namespace
{

const std::string kHost = "autoconfig.example.localhost";
const std::string kPlace = kHost + "/mail/config-v1.1.xml";

/* What became of one question. */
struct Fate
{
  std::string text; /* records, or a file; "ERROR: sentence" where there is neither */
  std::string host;
  bool is_secure = false;
};

std::string
name_error (const GError *error)
{
  static const char *const names[]
      = { "nothing", "unreachable", "bogus", "unproven", "program", "redirected" };

  if (error->domain == POSTSEAL_LOOKUP_ERROR)
    return std::string (names[error->code]) + ": " + error->message;
  return std::string ("other: ") + error->message;
}

std::set<std::string>
sort_lines (const std::string &text)
{
  std::istringstream lines (text);
  std::set<std::string> sorted;

  for (std::string line; std::getline (lines, line);)
    sorted.insert (line);
  return sorted;
}

class LookupProgram : public testing::Test
{
protected:
  LookupProgram ()
  {
    g_setenv ("XDG_CONFIG_HOME", sandbox.home ().c_str (), TRUE);
    /* No proxy of the machine is asked for servers of this one. */
    g_setenv ("GIO_USE_PROXY_RESOLVER", "dummy", TRUE);
  }

  ~LookupProgram () override
  {
    close ();
    g_unsetenv ("XDG_CONFIG_HOME");
  }

  void
  close ()
  {
    g_clear_pointer (&lookup_, postseal_lookup_unref);
  }

  void
  configure (const std::string &keys)
  {
    close ();
    sandbox.write ("postseal/discovery.conf", "[discovery]\n" + keys);
  }

  PostsealLookup *
  lookup ()
  {
    if (lookup_ == nullptr)
      lookup_ = postseal_lookup_new (limit_ms);
    return lookup_;
  }

  Fate
  take_records ()
  {
    g_autoptr (GError) error = nullptr;
    g_autoptr (PostsealLookupAnswer) answer
        = postseal_lookup_records_finish (lookup (), loop.wait (), &error);
    Fate fate;

    if (answer == nullptr)
      return { name_error (error), "" };
    fate.is_secure = answer->is_secure;
    for (guint i = 0; i < answer->records->len; i++)
      {
        auto *record = static_cast<PostsealLookupRecord *> (answer->records->pdata[i]);

        fate.text += std::to_string (record->priority) + " " + std::to_string (record->weight) + " "
                     + std::to_string (record->port) + " " + record->target + "\n";
      }
    return fate;
  }

  Fate
  srv (const std::string &name)
  {
    postseal_lookup_srv_async (lookup (), name.c_str (), nullptr, AsyncLoop::on_ready, &loop);
    return take_records ();
  }

  Fate
  mx (const std::string &domain)
  {
    postseal_lookup_mx_async (lookup (), domain.c_str (), nullptr, AsyncLoop::on_ready, &loop);
    return take_records ();
  }

  Fate
  get (const std::string &uri)
  {
    g_autoptr (GError) error = nullptr;
    g_autofree char *host = nullptr;

    postseal_lookup_get_async (lookup (), uri.c_str (), nullptr, AsyncLoop::on_ready, &loop);
    g_autoptr (GBytes) body = postseal_lookup_get_finish (lookup (), loop.wait (), &host, &error);
    if (body == nullptr)
      return { name_error (error), "" };
    return { std::string (static_cast<const char *> (g_bytes_get_data (body, nullptr)),
                          g_bytes_get_size (body)),
             host };
  }

  static void
  expect_error (const Fate &fate, const std::string &name, const std::string &words)
  {
    EXPECT_EQ (fate.text.substr (0, name.size () + 1), name + ":") << fate.text;
    EXPECT_NE (fate.text.find (words), std::string::npos) << fate.text;
  }

  Sandbox sandbox;
  AsyncLoop loop;
  unsigned limit_ms = 20000;

private:
  PostsealLookup *lookup_ = nullptr;
};

/* --- the DNS --- */

TEST_F (LookupProgram, SignedRecordsAreSecureAndInTheOrderToTryThem)
{
  DnsZone zone;

  zone.add ("_imaps._tcp IN SRV 10 1 993 Imap.Example.localhost.");
  zone.add ("_imaps._tcp IN SRV 0 1 994 b");
  zone.add ("_imaps._tcp IN SRV 0 9 995 a");
  zone.add ("@ IN MX 20 mx2");
  zone.add ("@ IN MX 10 mx.elsewhere.example.");
  zone.start ();
  configure (zone.settings ());

  Fate fate = srv ("_imaps._tcp.example.localhost");
  EXPECT_EQ (fate.text, "0 9 995 a.example.localhost\n0 1 994 b.example.localhost\n"
                        "10 1 993 imap.example.localhost\n");
  EXPECT_TRUE (fate.is_secure);
  fate = mx ("example.localhost");
  EXPECT_EQ (fate.text, "10 0 0 mx.elsewhere.example\n20 0 0 mx2.example.localhost\n");
  EXPECT_TRUE (fate.is_secure);
}

/* RFC 2782, RFC 7505 */
TEST_F (LookupProgram, ADotSaysThatAServiceIsNotOffered)
{
  DnsZone zone ("example.localhost", false);

  zone.add ("_pop3._tcp IN SRV 0 0 0 .");
  zone.add ("@ IN MX 0 .");
  zone.start ();
  configure (zone.settings ());

  EXPECT_EQ (srv ("_pop3._tcp.example.localhost").text, "0 0 0 \n");
  EXPECT_EQ (mx ("example.localhost").text, "0 0 0 \n");
}

TEST_F (LookupProgram, UnsignedRecordsAreInsecure)
{
  DnsZone zone ("signed.localhost");

  zone.add_zone ("unsigned.test", false);
  zone.add ("_imaps._tcp.unsigned.test. IN SRV 0 1 993 imap.unsigned.test.");
  zone.start ();
  configure (zone.settings ());

  Fate fate = srv ("_imaps._tcp.unsigned.test");
  EXPECT_EQ (fate.text, "0 1 993 imap.unsigned.test\n");
  EXPECT_FALSE (fate.is_secure);
}

TEST_F (LookupProgram, WithoutATrustAnchorNothingIsSecureAndAllIsAnswered)
{
  DnsZone zone;

  zone.add ("_imaps._tcp IN SRV 0 1 993 imap");
  zone.start ();
  configure ("dns-server=" + zone.server () + "\ndns-anchor=/none/such\n");

  Fate fate = srv ("_imaps._tcp.example.localhost");
  EXPECT_EQ (fate.text, "0 1 993 imap.example.localhost\n");
  EXPECT_FALSE (fate.is_secure);
}

TEST_F (LookupProgram, AWrongSignatureIsAnErrorOfItsOwn)
{
  DnsZone zone;

  zone.add ("_imaps._tcp IN SRV 0 1 993 imap");
  zone.add ("_pop3s._tcp IN SRV 0 1 995 imap");
  zone.break_signature ("_imaps._tcp", "SRV");
  zone.start ();
  configure (zone.settings ());

  expect_error (srv ("_imaps._tcp.example.localhost"), "bogus", "_imaps._tcp.example.localhost");
  EXPECT_TRUE (srv ("_pop3s._tcp.example.localhost").is_secure);
}

/* As behind many a home router. To hold that for meddling would find nobody's servers. */
TEST_F (LookupProgram, WhereNoSignaturesComeThroughNothingIsSecureAndAllIsAnswered)
{
  DnsZone zone;
  std::string root = sandbox.write (
      "root",
      ". IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D\n");

  zone.add ("_imaps._tcp IN SRV 0 1 993 imap");
  zone.add ("@ IN MX 0 mx");
  zone.strip_signatures ();
  zone.start ();
  configure ("dns-server=" + zone.server () + "\ndns-anchor=" + root + "\n");

  Fate fate = srv ("_imaps._tcp.example.localhost");
  EXPECT_EQ (fate.text, "0 1 993 imap.example.localhost\n");
  EXPECT_FALSE (fate.is_secure);
  EXPECT_EQ (mx ("example.localhost").text, "0 0 0 mx.example.localhost\n");
  expect_error (mx ("none.example.localhost"), "nothing", "none.example.localhost");
}

TEST_F (LookupProgram, MissingSignaturesOfOneZoneAreWrongOnes)
{
  DnsZone zone;

  zone.add ("_imaps._tcp IN SRV 0 1 993 imap");
  zone.strip_signatures ();
  zone.start ();
  configure (zone.settings ());

  expect_error (srv ("_imaps._tcp.example.localhost"), "bogus", "_imaps._tcp.example.localhost");
  expect_error (mx ("example.localhost"), "bogus", "example.localhost");
}

TEST_F (LookupProgram, TellsNothingThereFromNobodyThere)
{
  DnsZone zone;

  zone.add ("imap IN A 127.0.0.1");
  zone.refuse ("refused.test");
  zone.start ();
  configure (zone.settings ());

  expect_error (srv ("_imaps._tcp.example.localhost"), "nothing", "_imaps._tcp");
  expect_error (mx ("imap.example.localhost"), "nothing", "imap.example.localhost");
  expect_error (mx ("none.test"), "nothing", "none.test");
  expect_error (mx ("refused.test"), "unreachable", "refused.test");

  zone.stop ();
  limit_ms = 300;
  configure (zone.settings ());
  expect_error (mx ("example.localhost"), "unreachable", "example.localhost");
}

TEST_F (LookupProgram, AsksForNothingButWhatItIsAsked)
{
  DnsZone zone;

  zone.add ("_imaps._tcp IN SRV 0 1 993 imap");
  zone.start ();
  configure (zone.settings ());
  srv ("_imaps._tcp.example.localhost");

  EXPECT_EQ (zone.questions (), (std::vector<std::string>{ "_imaps._tcp.example.localhost. SRV",
                                                           "example.localhost. DNSKEY" }));
}

/* --- https --- */

TEST_F (LookupProgram, FetchesAFileAndTellsNobodyMoreThanItsAddress)
{
  HttpsServer server ({ kHost });

  server.serve (kPlace, "<clientConfig/>\n");
  configure (server.settings ());

  Fate fate = get (server.uri (kPlace));
  EXPECT_EQ (fate.text, "<clientConfig/>\n");
  EXPECT_EQ (fate.host, kHost);
  ASSERT_EQ (server.requests ().size (), 1u);
  EXPECT_EQ (server.requests ()[0].sni, kHost);
  EXPECT_EQ (server.requests ()[0].line, "GET /mail/config-v1.1.xml HTTP/1.1");
  EXPECT_EQ (sort_lines (server.requests ()[0].head),
             sort_lines ("GET /mail/config-v1.1.xml HTTP/1.1\nHost: " + kHost + ":"
                         + std::to_string (server.port ())
                         + "\nUser-Agent: Postseal/" POSTSEAL_VERSION
                           "\nConnection: Keep-Alive\n\n"));
}

TEST_F (LookupProgram, FindsHttpsServersThroughTheSameDnsServer)
{
  HttpsServer server ({ "autoconfig.example.test" });
  DnsZone zone ("example.test");

  zone.add ("autoconfig IN A 127.0.0.1");
  zone.add ("broken IN A 127.0.0.1");
  zone.break_signature ("broken", "A");
  zone.start ();
  server.serve ("autoconfig.example.test/x", "found");
  configure (zone.settings () + server.settings ());

  EXPECT_EQ (get (server.uri ("autoconfig.example.test/x")).text, "found");
  expect_error (get (server.uri ("www.example.test/x")), "nothing", "www.example.test");
  expect_error (get (server.uri ("broken.example.test/x")), "bogus", "broken.example.test");
}

TEST_F (LookupProgram, AStatusSaysWhetherItIsAnAnswer)
{
  HttpsServer server ({ kHost });

  server.serve (kHost + "/403", "no", 403);
  server.serve (kHost + "/410", "no", 410);
  server.serve (kHost + "/204", "", 204);
  server.serve (kHost + "/200", "");
  server.serve (kHost + "/429", "later", 429);
  server.serve (kHost + "/500", "oh", 500);
  configure (server.settings ());

  for (const char *path : { "/404", "/403", "/410", "/204", "/200" })
    expect_error (get (server.uri (kHost + path)), "nothing", kHost);
  for (const char *path : { "/429", "/500" })
    expect_error (get (server.uri (kHost + path)), "unreachable", kHost);
}

TEST_F (LookupProgram, FollowsThreeRedirectsAndTellsWhoAnsweredInTheEnd)
{
  HttpsServer server ({ kHost, "www.example.localhost" });

  server.redirect (kPlace, "/a", 301);
  server.redirect (kHost + "/a", "b?c=d", 307);
  server.redirect (kHost + "/b?c=d", server.uri ("www.example.localhost/e"), 308);
  server.serve ("www.example.localhost/e", "here");
  configure (server.settings ());

  Fate fate = get (server.uri (kPlace));
  EXPECT_EQ (fate.text, "here");
  EXPECT_EQ (fate.host, "www.example.localhost");
}

TEST_F (LookupProgram, FollowsNoCircleAndNothingWithoutAPlace)
{
  HttpsServer server ({ kHost });

  server.redirect (kPlace, server.uri (kPlace));
  server.serve (kHost + "/nowhere", "", 302);
  server.redirect (kHost + "/user", "https://user@" + kHost + "/");
  configure (server.settings ());

  expect_error (get (server.uri (kPlace)), "unreachable", kHost);
  EXPECT_EQ (server.requests ().size (), 4u);
  expect_error (get (server.uri (kHost + "/nowhere")), "unreachable", kHost);
  expect_error (get (server.uri (kHost + "/user")), "unreachable", kHost);
}

TEST_F (LookupProgram, FollowsNobodyToWhatIsNoNameOfAHost)
{
  HttpsServer server ({ kHost });
  std::string place = kHost + "/";

  configure (server.settings ());
  for (const char *name : { "a!b.localhost", "a*b.localhost", "a;b.localhost", ".localhost" })
    {
      place += "x";
      server.redirect (place, std::string ("https://") + name + "/");
      expect_error (get (server.uri (place)), "unreachable", "no address of an https server");
    }
}

TEST_F (LookupProgram, NeverSpeaksPlainHttp)
{
  HttpsServer server ({ kHost });
  ScriptedServer plain ([] (Peer &peer) { peer.read_all (); });
  std::string port = std::to_string (plain.port ());

  server.redirect (kPlace, "http://" + kHost + ":" + port + "/");
  server.redirect (kHost + "/ftp", "ftp://" + kHost + "/");
  server.redirect (kHost + "/file", "file:///etc/passwd");
  configure (server.settings ());

  expect_error (get (server.uri (kPlace)), "unproven", "http://");
  expect_error (get (server.uri (kHost + "/ftp")), "unproven", "ftp://");
  expect_error (get (server.uri (kHost + "/file")), "unproven", "file://");
  expect_error (get ("http://" + kHost + ":" + port + "/"), "unproven", "https://");
  EXPECT_EQ (plain.connections (), 0u);
}

TEST_F (LookupProgram, TakesAFileUpToTheLimitOnly)
{
  HttpsServer server ({ kHost });

  server.serve (kHost + "/whole", std::string (POSTSEAL_LIMIT_AUTOCONFIG, 'x'));
  server.serve (kHost + "/more", std::string (POSTSEAL_LIMIT_AUTOCONFIG + 1, 'x'));
  server.serve_raw (kHost + "/endless", "HTTP/1.1 200 X\r\n\r\n" + std::string (1 << 20, 'x'));
  configure (server.settings ());

  EXPECT_EQ (get (server.uri (kHost + "/whole")).text.size (), size_t (POSTSEAL_LIMIT_AUTOCONFIG));
  expect_error (get (server.uri (kHost + "/more")), "unreachable", "64 KiB");
  expect_error (get (server.uri (kHost + "/endless")), "unreachable", "64 KiB");
}

TEST_F (LookupProgram, AHalfFileIsNone)
{
  HttpsServer server ({ kHost });

  server.serve_raw (kPlace, "HTTP/1.1 200 X\r\nContent-Length: 100\r\n\r\n<clientConfig>");
  configure (server.settings ());

  expect_error (get (server.uri (kPlace)), "unreachable", kHost);
}

TEST_F (LookupProgram, ACertificateHasToProveTheName)
{
  HttpsServer other ({ "www.example.localhost" });
  CertOptions options;
  options.dns = { kHost };
  options.valid_until = -60;
  HttpsServer expired (test_ca ().issue (options));
  options.valid_until = 3600;
  options.self_signed = true;
  HttpsServer own (test_ca ().issue (options));

  configure (other.settings ());
  expect_error (get (other.uri (kPlace)), "unproven", "another name");
  expect_error (get (expired.uri (kPlace)), "unproven", "expired");
  expect_error (get (own.uri (kPlace)), "unproven", "nobody who is trusted");
  EXPECT_EQ (other.learnt () + expired.learnt () + own.learnt (), "");
}

TEST_F (LookupProgram, WithoutTheCaFileItsServersAreStrangers)
{
  HttpsServer server ({ kHost });

  server.serve (kPlace, "x");
  configure ("");
  expect_error (get (server.uri (kPlace)), "unproven", "nobody who is trusted");
  configure ("ca-file=/none/such.pem\n");
  expect_error (get (server.uri (kPlace)), "unproven", "/none/such.pem");
  EXPECT_EQ (server.learnt (), "");
}

TEST_F (LookupProgram, WantsTls12AtLeast)
{
  ServerTls tls{ test_ca ().issue () };
  tls.priority = "NORMAL:-VERS-ALL:+VERS-TLS1.1:%COMPAT";
  ScriptedServer old ([&] (Peer &peer) { peer.start_tls (tls) && peer.read_line (); });

  configure ("ca-file=" + test_ca ().ca_file () + "\n");
  expect_error (get ("https://localhost:" + std::to_string (old.port ()) + "/"), "unreachable",
                "localhost");
  old.stop ();
  EXPECT_EQ (old.record ().tls, "");
}

TEST_F (LookupProgram, SilenceEndsWithTheLimitAndHoldsUpNobodyElse)
{
  HttpsServer server ({ kHost });

  server.stall (kPlace);
  server.serve (kHost + "/quick", "quick");
  configure (server.settings ());
  limit_ms = 1500;

  bool is_over = false;
  postseal_lookup_get_async (
      lookup (), server.uri (kPlace).c_str (), nullptr,
      [] (GObject *, GAsyncResult *result, gpointer user_data) {
        g_autoptr (GError) error = nullptr;

        EXPECT_EQ (postseal_lookup_get_finish (nullptr, result, nullptr, &error), nullptr);
        expect_error ({ name_error (error), "" }, "unreachable", "in 1.3 seconds");
        *static_cast<bool *> (user_data) = true;
      },
      &is_over);
  EXPECT_EQ (get (server.uri (kHost + "/quick")).text, "quick");
  EXPECT_FALSE (is_over);
  loop.wait_for ([&] { return is_over; });
}

TEST_F (LookupProgram, NobodyThereIsUnreachable)
{
  configure ("");
  expect_error (get ("https://localhost:" + std::to_string (unused_port ()) + "/"), "unreachable",
                "localhost");
}

/* --- the program by itself --- */

struct Outcome
{
  int status;
  std::string out, err;
};

Outcome
run_program (const std::string &input, const char *argument = nullptr)
{
  g_autoptr (GError) error = nullptr;
  g_autofree char *out = nullptr;
  g_autofree char *err = nullptr;
  g_autoptr (GSubprocess) process = g_subprocess_new (
      GSubprocessFlags (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE
                        | G_SUBPROCESS_FLAGS_STDERR_PIPE),
      &error, g_getenv ("POSTSEAL_LOOKUP_PROGRAM"), argument, nullptr);

  g_subprocess_communicate_utf8 (process, input.c_str (), nullptr, &out, &err, &error);
  EXPECT_EQ (error, nullptr) << error->message;
  return { g_subprocess_get_if_exited (process) ? g_subprocess_get_exit_status (process) : -1, out,
           err };
}

TEST_F (LookupProgram, EndsWithItsInputOnceAllIsAnswered)
{
  HttpsServer server ({ kHost });
  DnsZone zone;

  server.serve (kPlace, "x");
  server.stall (kHost + "/never");
  zone.add ("_imaps._tcp IN SRV 0 1 993 imap");
  zone.add ("_pop3s._tcp IN SRV 0 1 995 imap");
  zone.break_signature ("_pop3s._tcp", "SRV");
  zone.start ();
  Outcome outcome = run_program (
      "dns-server " + zone.server () + "\ndns-anchor " + zone.anchor () + "\nca-file "
      + test_ca ().ca_file () + "\nlimit 600\nsrv 1 _imaps._tcp.example.localhost\n"
      + "srv 2 _pop3s._tcp.example.localhost\nmx 3 none.example.localhost\n" + "get 4 "
      + server.uri (kPlace) + "\nget 5 " + server.uri (kHost + "/never")
      + "\nget 6 https://none.example.test/\n");

  EXPECT_EQ (outcome.status, 0);
  EXPECT_EQ (outcome.err, "");
  for (const std::string &line :
       { std::string ("record 1 0 1 993 imap.example.localhost\nend 1 secure\n"),
         std::string ("error 2 bogus "), std::string ("error 3 nothing "),
         "body 4 " + kHost + " eA==\n", std::string ("error 5 unreachable "),
         std::string ("error 6 nothing ") })
    EXPECT_NE (outcome.out.find (line), std::string::npos) << line << outcome.out;
}

TEST_F (LookupProgram, EndsWithAWordAboutWhatItIsNotMeantToRead)
{
  std::string many;
  for (int i = 0; i < 65; i++)
    many += "mx " + std::to_string (i) + " example.localhost\n";

  for (const std::string &input :
       { std::string ("what\n"), std::string ("mx 1 a b\n"), std::string ("mx x a\n"),
         std::string ("mx 1\n"), std::string ("mx 1 a"), std::string ("limit 0\n"),
         std::string ("ca-file a\nca-file b\n"), std::string ("get 1 \377\n"),
         "mx 1 " + std::string (254, 'a') + "\n", std::string (10000, 'a'),
         "dns-server 127.0.0.1@1\n" + many })
    {
      Outcome outcome = run_program (input);

      EXPECT_EQ (outcome.status, 64) << input;
      EXPECT_NE (outcome.err.find ("Postseal runs this program itself"), std::string::npos)
          << outcome.err;
    }
  EXPECT_EQ (run_program ("", "example.org").status, 64);
}

TEST_F (LookupProgram, EndsWhenNobodyReadsItsAnswers)
{
  g_autoptr (GSubprocess) process = g_subprocess_new (
      GSubprocessFlags (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE), nullptr,
      g_getenv ("POSTSEAL_LOOKUP_PROGRAM"), nullptr);

  ASSERT_NE (process, nullptr);
  g_input_stream_close (g_subprocess_get_stdout_pipe (process), nullptr, nullptr);
  EXPECT_TRUE (g_subprocess_wait_check (process, nullptr, nullptr));
}

} // namespace
