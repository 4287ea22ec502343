/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "search-fixture.h"

#include <sys/stat.h>

namespace postseal_test
{

/* --- a search --- */

Search::Search ()
{
  g_setenv ("XDG_CONFIG_HOME", (sandbox.home () + "/config").c_str (), TRUE);
  g_setenv ("POSTSEAL_DATA_DIR", (sandbox.home () + "/data").c_str (), TRUE);
  configure ("");
  /* Nobody listens where nothing was made to. */
  for (const char *scheme : { "imaps", "imap", "pop3s", "pop3", "submissions", "submission" })
    guess (scheme, unused_port ());
}

Search::~Search ()
{
  g_clear_object (&discovery);
  g_clear_pointer (&found_, g_ptr_array_unref);
  loop.settle ();
  g_unsetenv ("POSTSEAL_GUESS_PORTS");
  g_unsetenv ("POSTSEAL_LOOKUP_PROGRAM");
  g_unsetenv ("POSTSEAL_DATA_DIR");
  g_unsetenv ("XDG_CONFIG_HOME");
}

void
Search::guess (const std::string &scheme, unsigned short port)
{
  std::string all;

  ports_[scheme] = port;
  for (const auto &[name, number] : ports_)
    all += name + "=" + std::to_string (number) + " ";
  g_setenv ("POSTSEAL_GUESS_PORTS", all.c_str (), TRUE);
}

void
Search::configure (const std::string &extra)
{
  sandbox.write ("config/postseal/discovery.conf",
                 "[discovery]\ntimeout=20s\nca-file=" + test_ca ().ca_file () + "\n" + extra);
}

void
Search::answer (const std::string &question, const std::string &lines, double after_s)
{
  std::string said = lines;

  for (size_t at = said.find (" ID"); at != std::string::npos; at = said.find (" ID", at + 1))
    said.replace (at, 3, " $id");
  cases_ += "\"" + question + "\") (sleep " + std::to_string (after_s) + "; echo \"" + said
            + "\") & ;;\n";
}

void
Search::srv (const std::string &service,
             const std::string &target,
             unsigned port,
             bool is_secure,
             unsigned priority)
{
  answer ("srv " + service + "._tcp." + kDomain,
          "record ID " + std::to_string (priority) + " 0 " + std::to_string (port) + " " + target
              + "\nend ID " + (is_secure ? "secure" : "insecure"));
}

void
Search::file (const std::string &uri, const std::string &xml, double after_s)
{
  g_autofree char *body
      = g_base64_encode (reinterpret_cast<const guchar *> (xml.data ()), xml.size ());
  g_autoptr (GUri) parsed = g_uri_parse (uri.c_str (), G_URI_FLAGS_NONE, nullptr);

  answer ("get " + uri, std::string ("body ID ") + g_uri_get_host (parsed) + " " + body, after_s);
}

std::string
Search::own_uri (const std::string &domain)
{
  return "https://autoconfig." + domain + "/mail/config-v1.1.xml";
}

std::string
Search::xml (const std::vector<std::string> &servers)
{
  std::string text = "<clientConfig><emailProvider>";

  for (const std::string &server : servers)
    {
      g_auto (GStrv) words = g_strsplit (server.c_str (), " ", -1);
      std::string kind = g_str_equal (words[0], "smtp") ? "outgoingServer" : "incomingServer";

      text += "<" + kind + " type=\"" + words[0] + "\"><socketType>" + words[1]
              + "</socketType><hostname>" + words[2] + "</hostname><port>" + words[3] + "</port></"
              + kind + ">";
    }
  return text + "</emailProvider></clientConfig>";
}

void
Search::write_program ()
{
  std::string path = sandbox.write (
      "lookup", "#!/bin/sh\nexport LC_ALL=C\nwhile read -r word id subject; do\n"
                "echo \"$word $id $subject\" >>'"
                    + sandbox.home ()
                    + "/questions'\n"
                      "case $word in srv|mx|get) ;; *) continue;; esac\n"
                      "case \"$word $subject\" in\n"
                    + cases_
                    + "*) echo \"error $id nothing There is none\" ;;\nesac\ndone\nwait\n");

  chmod (path.c_str (), 0700);
  g_setenv ("POSTSEAL_LOOKUP_PROGRAM", path.c_str (), TRUE);
}

void
Search::on_source (
    PostsealDiscovery *, guint source, guint state, const char *text, gpointer user_data)
{
  auto *self = static_cast<Search *> (user_data);

  self->states_[source] = state;
  self->texts_[source] = text;
}

GPtrArray *
Search::run (bool may_ask_list)
{
  g_autoptr (GError) error = nullptr;
  gint64 start = g_get_monotonic_time ();

  write_program ();
  g_clear_object (&discovery);
  g_clear_pointer (&found_, g_ptr_array_unref);
  states_.clear ();
  texts_.clear ();
  discovery = postseal_discovery_new (kAddress, may_ask_list);
  g_signal_connect (discovery, "source-changed", G_CALLBACK (on_source), this);
  postseal_discovery_run_async (discovery, nullptr, AsyncLoop::on_ready, &loop);
  found_ = postseal_discovery_run_finish (discovery, loop.wait (), &error);
  EXPECT_NE (found_, nullptr) << error->message;
  seconds = (double)(g_get_monotonic_time () - start) / G_USEC_PER_SEC;
  return found_;
}

std::string
Search::state (PostsealSource source)
{
  static const char *const names[]
      = { "ASKED", "FOUND", "NOTHING", "IN_CLEAR", "FAILED", "SKIPPED" };

  return states_.count (source) ? names[states_[source]] : "ASKED";
}

std::string
Search::questions ()
{
  return read_file (sandbox.home () + "/questions");
}

} // namespace postseal_test
