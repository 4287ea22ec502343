/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "claws/queue-file.h"
#include "fuzz/fuzz.h"

namespace
{

PostsealClawsQueueFile *
parse (const std::string &text)
{
  g_autoptr (GError) error = nullptr;
  PostsealClawsQueueFile *file
      = postseal_claws_queue_file_parse (text.data (), text.size (), &error);

  fuzz::demand ((file == nullptr) == (error != nullptr), "a file or an error", text);
  if (error != nullptr)
    fuzz::demand (g_error_matches (error, POSTSEAL_CLAWS_QUEUE_FILE_ERROR,
                                   POSTSEAL_CLAWS_QUEUE_FILE_ERROR_BROKEN),
                  "damage is said to be damage", text);
  return file;
}

std::string
tell (const char *text)
{
  return text != nullptr ? std::string ("“") + text + "”" : "none";
}

std::string
tell (const PostsealClawsReference &reference)
{
  fuzz::demand ((reference.folder == nullptr) == (reference.message_id == nullptr),
                "a message has both, a folder and an ID");
  return tell (reference.folder) + " " + std::to_string (reference.number) + " "
         + tell (reference.message_id);
}

/* Everything but the message proper. */
std::string
tell (const PostsealClawsQueueFile *file)
{
  std::string text = tell (file->sender) + " " + std::to_string (file->account) + " "
                     + std::to_string (file->has_news) + std::to_string (file->is_clear) + " "
                     + tell (file->sent_folder) + " " + tell (file->replied) + " "
                     + tell (file->forwarded);

  fuzz::demand (file->recipients->len > 0
                    && file->recipients->pdata[file->recipients->len - 1] == nullptr,
                "the recipients have an end");
  for (guint i = 0; i + 1 < file->recipients->len; i++)
    text += " " + tell ((const char *)file->recipients->pdata[i]);
  return text;
}

} // namespace

/* The host's lines mean the same whatever message follows, and nothing without their end. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  std::string text (reinterpret_cast<const char *> (data), size);
  g_autoptr (PostsealClawsQueueFile) whole = parse (text);

  if (whole == nullptr)
    return 0;
  fuzz::demand (whole->offset > 0 && (size_t)whole->offset <= size,
                "the message begins in the file", text);
  fuzz::demand (whole->sender != nullptr, "somebody sends it", text);

  g_autoptr (PostsealClawsQueueFile) lines = parse (text.substr (0, (size_t)whole->offset));
  fuzz::demand (lines != nullptr, "the host's lines are enough", text);
  fuzz::demand (lines->offset == whole->offset, "and end where they did", text);
  fuzz::demand (lines->message_id == nullptr, "there is no message", text);
  fuzz::demand (tell (whole) == tell (lines), "the message changes nothing", tell (whole),
                tell (lines));

  g_autoptr (PostsealClawsQueueFile) cut = parse (text.substr (0, (size_t)whole->offset - 1));
  fuzz::demand (cut == nullptr, "what is cut is not read", text);
  return 0;
}
