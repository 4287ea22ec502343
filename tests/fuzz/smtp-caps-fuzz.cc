/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <vector>

#include "fuzz/fuzz.h"
#include "wire/smtp-caps.h"

namespace
{

void
parse (PostsealSmtpCaps *caps, const std::string &text)
{
  std::vector<char> bytes (text.begin (), text.end ());

  postseal_smtp_caps_parse (caps, bytes.data (), bytes.size ());
}

void
add_flag (std::string *offer, gboolean has, const char *keyword)
{
  if (has)
    *offer += std::string ("\n") + keyword;
}

void
add_number (std::string *offer, gboolean has, const char *keyword, guint64 number)
{
  if (has)
    *offer += std::string ("\n") + keyword + std::to_string (number);
}

/* The offer as a plain server would write it. */
std::string
write (const PostsealSmtpCaps &caps)
{
  std::string offer = "mx";

  add_flag (&offer, caps.has_pipelining, "PIPELINING");
  add_flag (&offer, caps.has_8bitmime, "8BITMIME");
  add_flag (&offer, caps.has_smtputf8, "SMTPUTF8");
  add_flag (&offer, caps.has_chunking, "CHUNKING");
  add_flag (&offer, caps.has_binarymime, "BINARYMIME");
  add_flag (&offer, caps.has_dsn, "DSN");
  add_flag (&offer, caps.has_enhanced_status, "ENHANCEDSTATUSCODES");
  add_flag (&offer, caps.has_requiretls, "REQUIRETLS");
  add_flag (&offer, caps.has_starttls, "STARTTLS");
  add_number (&offer, caps.has_size, "SIZE ", caps.size);
  add_number (&offer, caps.has_futurerelease, "FUTURERELEASE ", caps.futurerelease_max_seconds);
  add_number (&offer, caps.has_deliverby, "DELIVERBY ", caps.deliverby_min_seconds);
  add_number (&offer, caps.recipients_max > 0, "LIMITS RCPTMAX=", caps.recipients_max);
  add_number (&offer, caps.messages_max > 0, "LIMITS MAILMAX=", caps.messages_max);
  add_number (&offer, caps.recipient_domains_max > 0,
              "LIMITS RCPTDOMAINMAX=", caps.recipient_domains_max);
  offer += "\nAUTH";
  for (char **name = caps.mechanisms; *name != nullptr; name++)
    offer += std::string (" ") + *name;
  return offer;
}

} // namespace

/* What was understood can be written so that it is understood the same; nothing of an offer before
   is left. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  std::string text (reinterpret_cast<const char *> (data), size);
  g_auto (PostsealSmtpCaps) caps = {};
  g_auto (PostsealSmtpCaps) again = {};
  std::string written;

  parse (&caps, text);
  written = write (caps);
  fuzz::demand (caps.has_chunking || !caps.has_binarymime, "chunks for binary", text);
  for (char **name = caps.mechanisms; *name != nullptr; name++)
    for (char **other = name + 1; *other != nullptr; other++)
      fuzz::demand (!g_str_equal (*name, *other), "no doubles", *name);

  parse (&again, "mx\nPIPELINING\nDSN\nSIZE 5\nAUTH X\nLIMITS MAILMAX=3");
  parse (&again, written);
  fuzz::demand (write (again) == written, "the same again", written, write (again));
  return 0;
}
