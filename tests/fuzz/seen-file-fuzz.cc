/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/limits.h"
#include "fuzz/fuzz.h"
#include "import/seen-file.h"

static void
check_uidls (GPtrArray *uidls)
{
  for (guint i = 0; i < uidls->len; i++)
    {
      std::string uidl = static_cast<const char *> (g_ptr_array_index (uidls, i));

      fuzz::demand (!uidl.empty () && uidl.size () <= POSTSEAL_LIMIT_UIDL, "a UIDL's length", uidl);
      for (char c : uidl)
        fuzz::demand (c >= 0x21 && c <= 0x7e, "a UIDL's characters", uidl);
    }
}

static void
check_uids (const GArray *uids)
{
  for (guint i = 1; i < uids->len; i++)
    fuzz::demand (g_array_index (uids, guint32, i - 1) < g_array_index (uids, guint32, i),
                  "UIDs ascend");
}

/* Whatever a state file says, UIDLs are UIDLs, and UIDs ascend. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  const char *text = reinterpret_cast<const char *> (data);
  g_autoptr (GPtrArray) fetchids = postseal_seen_file_read_fetchids (text, size, "u", "h");
  g_autoptr (GPtrArray) mpop = postseal_seen_file_read_mpop (text, size, "u", "h");
  g_autoptr (GPtrArray) claws = postseal_seen_file_read_claws (text, size);
  g_autoptr (GPtrArray) getmail = postseal_seen_file_read_getmail (text, size);
  guint32 validity = 0;
  g_autoptr (GArray) uids = postseal_seen_file_split_getmail (getmail, &validity);
  g_autoptr (PostsealMbsyncState) mbsync = postseal_seen_file_read_mbsync (text, size);

  check_uidls (fetchids);
  check_uidls (mpop);
  check_uidls (claws);
  check_uidls (getmail);
  check_uids (uids);
  fuzz::demand ((validity == 0) == (uids->len == 0), "UIDs have a validity");
  if (mbsync == nullptr)
    return 0;
  fuzz::demand (mbsync->uid_validity != 0, "a state has a validity");
  check_uids (mbsync->uids);
  check_uids (mbsync->waiting);
  return 0;
}
