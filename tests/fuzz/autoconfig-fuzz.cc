/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <cstring>

#include "discover/autoconfig.h"
#include "fuzz/fuzz.h"

static const char kAddress[] = "jane.secret@example.org";

namespace
{

bool
is_host (const char *host)
{
  for (const char *p = host; *p != '\0'; p++)
    if (!g_ascii_isalnum (*p) && strchr ("-.:", *p) == nullptr)
      return false;
  return *host != '\0' && strlen (host) <= 253;
}

bool
is_printable (const char *text)
{
  if (!g_utf8_validate (text, -1, nullptr))
    return false;
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    if (g_unichar_iscntrl (g_utf8_get_char (p)))
      return false;
  return true;
}

/* A section that says the same. */
std::string
write_again (const PostsealAutoconfigServer *server, const char *kind)
{
  static const char *const types[] = { "imap", "pop3", "smtp" };
  const PostsealEndpoint *endpoint = server->endpoint;
  std::string text = std::string ("<") + kind + " type=\"" + types[endpoint->protocol]
                     + "\"><hostname>" + endpoint->host + "</hostname><port>"
                     + std::to_string (endpoint->port) + "</port><socketType>"
                     + (endpoint->start == POSTSEAL_TLS_START_IMPLICIT ? "SSL" : "STARTTLS")
                     + "</socketType>";

  if (server->has_password)
    text += "<authentication>password-cleartext</authentication>";
  if (server->has_oauth)
    text += "<authentication>OAuth2</authentication>";
  if (server->has_none)
    text += "<authentication>none</authentication>";
  if (server->user != nullptr)
    {
      g_autofree char *user = g_markup_escape_text (server->user, -1);

      text += std::string ("<username>") + user + "</username>";
    }
  return text + "</" + kind + ">";
}

std::string
write_all (const PostsealAutoconfig *config)
{
  std::string text = "<clientConfig><emailProvider>";

  for (const GPtrArray *servers : { config->incoming, config->outgoing })
    for (guint i = 0; i < servers->len; i++)
      {
        auto *server = static_cast<PostsealAutoconfigServer *> (servers->pdata[i]);
        const PostsealEndpoint *endpoint = server->endpoint;

        fuzz::demand (is_host (endpoint->host), "a host name", endpoint->host);
        fuzz::demand (endpoint->port != 0, "a port");
        fuzz::demand (server->user == nullptr || is_printable (server->user), "a user to be shown");
        fuzz::demand (server->has_password || server->has_oauth || server->has_none,
                      "a way to sign in");
        text += write_again (server,
                             servers == config->incoming ? "incomingServer" : "outgoingServer");
      }
  return text + "</emailProvider></clientConfig>";
}

} // namespace

/* Whatever a file says, hosts are host names, users can be shown, and what was understood is
   understood again. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GError) error = nullptr;
  g_autoptr (PostsealAutoconfig) config
      = postseal_autoconfig_parse (reinterpret_cast<const char *> (data), size, kAddress, &error);

  fuzz::demand ((config == nullptr) == (error != nullptr), "a description or an error");
  if (config == nullptr)
    return 0;
  fuzz::demand (config->incoming->len <= 32 && config->outgoing->len <= 32, "a bound");
  fuzz::demand (config->title == nullptr || is_printable (config->title), "a title to be shown");
  fuzz::demand (config->help == nullptr || g_str_has_prefix (config->help, "https://"), "https");
  fuzz::demand ((config->n_in_clear > 0) == (config->in_clear != nullptr), "the first of them");

  std::string first = write_all (config);
  g_autoptr (PostsealAutoconfig) again
      = postseal_autoconfig_parse (first.data (), first.size (), kAddress, nullptr);
  if (first.size () > 65536)
    return 0;
  fuzz::demand (again != nullptr, "what we write is understood", first);
  std::string second = write_all (again);
  fuzz::demand (first == second, "and says the same", first, second);
  return 0;
}
