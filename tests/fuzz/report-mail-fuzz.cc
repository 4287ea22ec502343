/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fuzz/fuzz.h"
#include "mail/report-mail.h"

/* Any mail may be taken for one with a report. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (PostsealReportMail) mail
      = postseal_report_mail_parse (reinterpret_cast<const char *> (data), size);

  if (mail == nullptr)
    return 0;
  fuzz::demand (g_bytes_get_size (mail->content) <= size, "no more than there was");
  for (const char *field : { mail->domain, mail->submitter })
    fuzz::demand (field == nullptr || g_utf8_validate (field, -1, nullptr), "a field in UTF-8");
  return 0;
}
