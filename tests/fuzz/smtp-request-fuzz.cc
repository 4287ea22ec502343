/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <cstring>

#include "fuzz/fuzz.h"
#include "sendmail/smtp-request.h"

static void
check_mail (const std::string &text)
{
  g_auto (PostsealSmtpRequest) request = {};
  g_auto (PostsealSmtpRequest) again = {};
  PostsealSmtpMailParameters parameters = {};
  g_autoptr (GString) line = g_string_new (nullptr);

  if (postseal_smtp_request_parse_mail (&request, text.c_str ()) != POSTSEAL_SMTP_REQUEST_OK)
    return;
  parameters.has_size = TRUE;
  parameters.size = request.size;
  parameters.ret = request.ret;
  parameters.envid = request.envid;
  parameters.smtputf8 = request.smtputf8;
  if (!postseal_smtp_command_append_mail (line, request.address, &parameters))
    return;
  g_string_truncate (line, line->len - 2);
  fuzz::demand (postseal_smtp_request_parse_mail (&again, line->str + strlen ("MAIL FROM:"))
                        == POSTSEAL_SMTP_REQUEST_OK
                    && strcmp (again.address, request.address) == 0 && again.size == request.size
                    && again.ret == request.ret && again.smtputf8 == request.smtputf8
                    && g_strcmp0 (again.envid, request.envid) == 0,
                "what is written is read as it was", text, line->str);
}

static void
check_rcpt (const std::string &text)
{
  g_auto (PostsealSmtpRequest) request = {};
  g_auto (PostsealSmtpRequest) again = {};
  g_autoptr (GString) line = g_string_new (nullptr);

  if (postseal_smtp_request_parse_rcpt (&request, text.c_str ()) != POSTSEAL_SMTP_REQUEST_OK
      || !postseal_smtp_command_append_rcpt (line, request.address, request.notify, nullptr))
    return;
  g_string_truncate (line, line->len - 2);
  fuzz::demand (postseal_smtp_request_parse_rcpt (&again, line->str + strlen ("RCPT TO:"))
                        == POSTSEAL_SMTP_REQUEST_OK
                    && strcmp (again.address, request.address) == 0
                    && again.notify == request.notify,
                "what is written is read as it was", text, line->str);
}

/* Whatever a client asks for is asked for in the same way of a server. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  std::string text (reinterpret_cast<const char *> (data), size);

  check_mail (text);
  check_rcpt (text);
  return 0;
}
