/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <vector>

#include "base/limits.h"
#include "fuzz/fuzz.h"
#include "wire/smtp-reply.h"

namespace
{

PostsealSmtpReplyState
feed (PostsealSmtpReply *reply, const std::string &line)
{
  std::vector<char> bytes (line.begin (), line.end ());

  return postseal_smtp_reply_feed (reply, bytes.data (), bytes.size ());
}

/* A reply as another server would write it, from its values alone. */
void
feed_again (const PostsealSmtpReply &reply)
{
  g_auto (PostsealSmtpReply) again;
  std::string text (reply.text->str, reply.text->len);
  std::string code = std::to_string (reply.code);
  PostsealSmtpReplyState state = POSTSEAL_SMTP_REPLY_MORE;

  postseal_smtp_reply_init (&again);
  for (size_t start = 0; state == POSTSEAL_SMTP_REPLY_MORE;)
    {
      size_t end = text.find ('\n', start);
      bool is_last = end == std::string::npos;
      g_autofree char *status = postseal_smtp_reply_get_status (&reply);
      std::string prefix = reply.status[0] != 0 ? std::string (status) + " " : "";

      state = feed (&again, code + (is_last ? " " : "-") + prefix
                                + text.substr (start, is_last ? end : end - start));
      start = end + 1;
    }
  fuzz::demand (state == POSTSEAL_SMTP_REPLY_COMPLETE, "complete again", text);
  fuzz::demand (text == std::string (again.text->str, again.text->len), "the same text", text,
                again.text->str);
  for (int i = 0; i < 3; i++)
    fuzz::demand (again.status[i] == reply.status[i], "the same status", text);
}

void
check_status (const PostsealSmtpReply &reply)
{
  g_autofree char *status = postseal_smtp_reply_get_status (&reply);

  fuzz::demand (reply.status[0] == 0 || reply.status[0] == reply.code / 100, "classes agree",
                status);
  fuzz::demand (strchr ("245", status[0]) != nullptr && status[1] == '.', "a class", status);
  fuzz::demand (reply.code == 0 || (reply.code >= 200 && reply.code <= 599), "a code", status);
}

} // namespace

/* Replies in a row. A malformed line changes nothing, and every complete reply can be written so
   that it reads the same. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  std::string bytes (reinterpret_cast<const char *> (data), size);
  g_auto (PostsealSmtpReply) reply;

  postseal_smtp_reply_init (&reply);
  for (size_t start = 0; start < size;)
    {
      size_t end = std::min (bytes.find ('\n', start), size);
      guint code = reply.code;
      gsize n_text = reply.text->len;
      PostsealSmtpReplyState state = feed (&reply, bytes.substr (start, end - start));

      check_status (reply);
      fuzz::demand (reply.text->len <= POSTSEAL_LIMIT_SMTP_REPLY, "bounded", bytes);
      if (state == POSTSEAL_SMTP_REPLY_MALFORMED)
        fuzz::demand (reply.code == code && reply.text->len == n_text, "left as it was", bytes);
      if (state == POSTSEAL_SMTP_REPLY_COMPLETE)
        {
          feed_again (reply);
          postseal_smtp_reply_reset (&reply);
        }
      start = end + 1;
    }
  return 0;
}
