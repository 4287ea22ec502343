/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz/fuzz.h"
#include "net/latches.h"

/* A damaged file is an error, never a crash, and never fewer latches than were found. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  int fd = memfd_create ("latches", MFD_CLOEXEC);
  std::string path = "/proc/self/fd/" + std::to_string (fd);
  g_autoptr (GError) error = nullptr;

  fuzz::demand (fd >= 0 && write (fd, data, size) == static_cast<ssize_t> (size),
                "a file in memory");
  g_autoptr (PostsealLatches) latches = postseal_latches_load (path.c_str (), &error);
  close (fd);

  fuzz::demand ((latches == nullptr) == (error != nullptr), "latches or an error");
  if (latches == nullptr)
    return 0;

  postseal_latches_get (latches, "imap.example.org:143", "tls");
  g_autoptr (GPtrArray) keys = postseal_latches_list_keys (latches, "imap.example.org:143");
  g_autofree char *text = postseal_key_history_format (keys);
  g_autoptr (GPtrArray) again = postseal_key_history_parse (text);
  g_autofree char *text_again = postseal_key_history_format (again);
  fuzz::demand (g_strcmp0 (text, text_again) == 0, "a history that is read as it was written");
  postseal_key_history_judge (keys, "sha256:A", "CN=a,O=b", FALSE);
  g_auto (GStrv) endpoints = postseal_latches_list_endpoints (latches);
  fuzz::demand (endpoints != nullptr, "endpoints");
  fuzz::demand (!postseal_latches_is_changed (latches), "loading changes nothing");
  postseal_latches_set (latches, "imap.example.org:143", "tls", "1.3");
  fuzz::demand (g_strcmp0 (postseal_latches_get (latches, "imap.example.org:143", "tls"), "1.3")
                    == 0,
                "a latch that was set");
  postseal_latches_clear (latches, nullptr);
  fuzz::demand (postseal_latches_get (latches, "imap.example.org:143", "tls") == nullptr,
                "cleared");
  return 0;
}
