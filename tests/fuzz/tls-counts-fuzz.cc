/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "engine/tls-counts.h"
#include "fuzz/fuzz.h"
#include "net/tls-result.h"

/* A damaged file is an error; what is read is what "postseal report" can show. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  int fd = memfd_create ("tls-counts", MFD_CLOEXEC);
  std::string path = "/proc/self/fd/" + std::to_string (fd);
  g_autoptr (GError) error = nullptr;

  fuzz::demand (fd >= 0 && write (fd, data, size) == static_cast<ssize_t> (size),
                "a file in memory");
  g_autoptr (PostsealTlsCounts) counts = postseal_tls_counts_load (path.c_str (), &error);
  close (fd);

  fuzz::demand ((counts == nullptr) == (error != nullptr), "counts or an error");
  if (counts == nullptr)
    return 0;

  g_autoptr (GPtrArray) list = postseal_tls_counts_list (counts);
  fuzz::demand ((list->len == 0) == postseal_tls_counts_is_empty (counts), "empty or not");
  for (guint i = 0; i < list->len; i++)
    {
      auto count = static_cast<const PostsealTlsCount *> (list->pdata[i]);

      fuzz::demand (strlen (count->day) == 10 && *count->server != '\0' && count->connections > 0
                        && count->last >= 0,
                    "a line that makes sense", count->server);
      fuzz::demand (count->reason == nullptr
                        || postseal_tls_result_get_type (count->reason) != nullptr,
                    "a reason that is known");
    }
  return 0;
}
