/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/tls-report.h"
#include "check/unpack.h"
#include "fuzz/fuzz.h"

namespace
{

constexpr gsize kLimit = 1 << 20;

std::string
write (const PostsealTlsReport *report)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonGenerator) generator = json_generator_new ();

  postseal_tls_report_write (report, builder);
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  json_generator_set_root (generator, root);
  g_autofree char *text = json_generator_to_data (generator, nullptr);
  return text;
}

/* What becomes of a report of ours when it is read and written. */
std::string
rewrite (const std::string &text)
{
  g_autoptr (PostsealTlsReport) report
      = postseal_tls_report_parse (text.data (), text.size (), nullptr);

  fuzz::demand (report != nullptr, "what was written is a report", text);
  return write (report);
}

/* All numbers of a report; they may not change when they are added up. */
guint64
count (const PostsealTlsReport *report)
{
  guint64 sum = 0;

  for (guint i = 0; i < report->policies->len; i++)
    {
      auto policy = static_cast<PostsealTlsReportPolicy *> (report->policies->pdata[i]);

      sum += policy->successful + policy->failed;
      for (guint k = 0; k < policy->failures->len; k++)
        sum += static_cast<PostsealTlsReportFailure *> (policy->failures->pdata[k])->sessions;
    }
  return sum;
}

void
check_text (const char *data, size_t size)
{
  g_autoptr (GError) error = nullptr;
  g_autoptr (PostsealTlsReport) report = postseal_tls_report_parse (data, size, &error);

  fuzz::demand ((report == nullptr) == (error != nullptr), "a report or an error");
  if (report == nullptr)
    return;

  /* A text of control characters is cut once more when it is read as what it was printed as. */
  const std::string text = rewrite (write (report));
  const std::string again = rewrite (text);
  fuzz::demand (text == again, "the same report", text, again);

  g_autoptr (GPtrArray) alone = g_ptr_array_new ();
  g_ptr_array_add (alone, report);
  g_autoptr (PostsealTlsReport) sum = postseal_tls_report_sum (alone);
  fuzz::demand (count (sum) == count (report), "nothing is lost in a sum", text);
}

} // namespace

/* What anybody may send to the address in a DNS record. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  if (!postseal_unpack_is_packed (data, size))
    {
      check_text (reinterpret_cast<const char *> (data), size);
      return 0;
    }

  g_autoptr (GError) error = nullptr;
  g_autoptr (GBytes) bytes = postseal_unpack (data, size, kLimit, &error);
  gsize length = 0;

  fuzz::demand ((bytes == nullptr) == (error != nullptr), "bytes or an error");
  if (bytes == nullptr)
    return 0;
  auto text = static_cast<const char *> (g_bytes_get_data (bytes, &length));
  fuzz::demand (length <= kLimit, "a limit that holds");
  check_text (text, length);
  return 0;
}
