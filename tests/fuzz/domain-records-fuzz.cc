/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/dkim-key.h"
#include "check/spf-record.h"
#include "check/sts-policy.h"
#include "check/tag-list.h"
#include "fuzz/fuzz.h"

namespace
{

/* Whoever has no result has a reason, and nobody has both. */
void
check_flaw (bool has_result, const char *flaw, const std::string &text)
{
  fuzz::demand (has_result == (flaw == nullptr), "a result or a reason", text);
}

void
check_spf (const std::string &text)
{
  std::string record = "v=spf1 " + text, again = "v=spf1";
  g_autofree char *flaw = nullptr, *other_flaw = nullptr;
  g_autoptr (GPtrArray) terms = postseal_spf_record_parse (record.c_str (), &flaw);

  check_flaw (terms != nullptr, flaw, record);
  if (terms == nullptr)
    return;
  for (guint i = 0; i < terms->len; i++)
    again += std::string (" ") + static_cast<PostsealSpfTerm *> (terms->pdata[i])->text;
  g_autoptr (GPtrArray) same = postseal_spf_record_parse (again.c_str (), &other_flaw);
  fuzz::demand (same != nullptr && same->len == terms->len, "the same terms", record, again);
}

void
check_tags (const std::string &text)
{
  g_autofree char *flaw = nullptr, *key_flaw = nullptr;
  g_autoptr (PostsealTagList) tags = postseal_tag_list_parse (text.c_str (), &flaw);
  g_autoptr (PostsealDkimKey) key = postseal_dkim_key_parse (text.c_str (), &key_flaw);

  check_flaw (tags != nullptr, flaw, text);
  check_flaw (key != nullptr, key_flaw, text);
  fuzz::demand (key == nullptr || tags != nullptr, "a key is a list of tags", text);
  for (guint i = 0; tags != nullptr && i < postseal_tag_list_get_length (tags); i++)
    fuzz::demand (postseal_tag_list_get (tags, postseal_tag_list_get_name (tags, i)) != nullptr,
                  "each has a value", text);
}

void
check_policy (const std::string &text)
{
  g_autofree char *flaw = nullptr;
  g_autoptr (PostsealStsPolicy) policy = postseal_sts_policy_parse (text.c_str (), &flaw);

  check_flaw (policy != nullptr, flaw, text);
  for (guint i = 0; policy != nullptr && i < policy->hosts->len; i++)
    fuzz::demand (
        postseal_sts_policy_allows (policy, static_cast<const char *> (policy->hosts->pdata[i])),
        "what stands there is allowed", text);
}

} // namespace

/* What stands in the DNS, and behind it, as anybody may have written it. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text
      = g_utf8_make_valid (reinterpret_cast<const char *> (data), static_cast<gssize> (size));

  check_spf (text);
  check_tags (text);
  check_policy (text);
  return 0;
}
