/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <cstring>

#include "fuzz/fuzz.h"
#include "wire/smtp-command.h"
#include "wire/smtp-path.h"

namespace
{

/* Takes what stands before the next NUL. */
std::string
take (std::string *bytes)
{
  size_t end = bytes->find ('\0');
  std::string part = bytes->substr (0, end);

  bytes->erase (0, end == std::string::npos ? end : end + 1);
  return part;
}

/* Whether the line goes on with <ADDRESS> or with spaced parameters of visible characters only. */
void
check_line (const std::string &line, const std::string &command, const std::string &address)
{
  std::string start = command + "<" + address + ">";

  fuzz::demand (line.compare (0, start.size (), start) == 0, "the address as given", line, address);
  fuzz::demand (line.size () > 2 && line.find ('\r') == line.size () - 2
                    && line.find ('\n') == line.size () - 1,
                "one CR LF, at the end", line);
  fuzz::demand (line.size () <= 1024, "a bounded line", line);
  fuzz::demand (g_utf8_validate (line.data (), line.size (), nullptr), "UTF-8", line);
  for (size_t i = start.size (); i + 2 < line.size (); i++)
    fuzz::demand (static_cast<guchar> (line[i]) >= ' ' && line[i] != 0x7f, "no controls", line);
  fuzz::demand (line.find ("utf-8;") != std::string::npos
                    || line.find_first_of ("<>", start.size ()) == std::string::npos,
                "no more brackets", line);
}

void
check_path (const std::string &address)
{
  bool is_good = postseal_smtp_path_check (address.c_str ()) == POSTSEAL_SMTP_PATH_OK;
  g_autofree char *ascii = postseal_smtp_path_to_ascii (address.c_str ());

  if (is_good)
    fuzz::demand (ascii != nullptr, "every good domain can be converted", address);
  if (is_good && strlen (ascii) <= 254)
    fuzz::demand (postseal_smtp_path_check (ascii) == POSTSEAL_SMTP_PATH_OK, "good again", address,
                  ascii);
  if (ascii != nullptr)
    {
      const char *domain = strrchr (ascii, '@');
      g_autofree char *again = postseal_smtp_path_to_ascii (ascii);

      fuzz::demand (domain != nullptr && g_str_is_ascii (domain), "an ASCII domain", ascii);
      fuzz::demand (strpbrk (domain, "<> \r\n\t\"\\") == nullptr, "a quiet domain", ascii);
      fuzz::demand (g_strcmp0 (again, ascii) == 0, "the same again", ascii);
    }
}

PostsealSmtpMailParameters
make_parameters (const std::string &numbers, const char *envid)
{
  PostsealSmtpMailParameters parameters = {};
  guint64 seed = 0;

  memcpy (&seed, numbers.data (), std::min (numbers.size (), sizeof seed));
  parameters.has_size = seed & 1;
  parameters.size = seed;
  parameters.body = static_cast<PostsealSmtpBody> (seed >> 1 & 3);
  parameters.smtputf8 = ~seed >> 3 & 1;
  parameters.ret = static_cast<PostsealSmtpReturn> (seed >> 4 & 3);
  parameters.envid = envid;
  parameters.requiretls = seed >> 6 & 1;
  parameters.hold_for = (seed >> 7 & 1) * (seed >> 32);
  parameters.deliver_by = static_cast<gint64> (seed) >> 24;
  parameters.deliver_by_mode = static_cast<char> (seed >> 8);
  parameters.deliver_by_trace = seed >> 7 & 1;
  return parameters;
}

} // namespace

/* Four strings, an address, an original address, an ID and numbers: whatever they are, a line comes
   of them that is one line and begins with the address, or nothing. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  fuzz::Input input = fuzz::split (data, size);
  std::string address = take (&input.bytes);
  std::string original = take (&input.bytes);
  std::string envid = take (&input.bytes);
  PostsealSmtpMailParameters parameters
      = make_parameters (input.bytes, input.seed & 32 ? envid.c_str () : nullptr);
  g_autoptr (GString) out = g_string_new (nullptr);
  bool is_good = postseal_smtp_path_check (address.c_str ()) == POSTSEAL_SMTP_PATH_OK;

  check_path (address);
  if (postseal_smtp_command_append_mail (out, address.c_str (), &parameters))
    {
      fuzz::demand (is_good || address.empty (), "a good sender", address);
      check_line (out->str, "MAIL FROM:", address);
    }
  else
    fuzz::demand (out->len == 0, "nothing appended", out->str);

  g_string_truncate (out, 0);
  if (postseal_smtp_command_append_rcpt (out, address.c_str (), input.seed & 31,
                                         input.seed & 64 ? original.c_str () : nullptr))
    {
      fuzz::demand (is_good, "a good recipient", address);
      check_line (out->str, "RCPT TO:", address);
    }
  else
    fuzz::demand (out->len == 0, "nothing appended", out->str);
  return 0;
}
