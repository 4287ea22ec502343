// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "base/transcript.h"

// What a session's transcript has got.
class SessionRecords
{
protected:
  std::string transcript; // "> " sent, "< " received, "* " else; a line each
  std::string facts; // "name=value", a line each

  // Returns: (transfer full): writes here as long as this lives
  PostsealTranscript *
  new_transcript ()
  {
    PostsealTranscript *records = postseal_transcript_new (record, this, nullptr);

    postseal_transcript_set_fact_func (records, record_fact);
    return records;
  }

private:
  static void
  record (PostsealTranscriptKind kind, const char *line, gpointer user_data)
  {
    const char *mark = kind == POSTSEAL_TRANSCRIPT_SENT       ? "> "
                       : kind == POSTSEAL_TRANSCRIPT_RECEIVED ? "< "
                                                              : "* ";

    static_cast<SessionRecords *> (user_data)->transcript += mark + std::string (line) + "\n";
  }

  static void
  record_fact (const char *name, const char *value, gpointer user_data)
  {
    static_cast<SessionRecords *> (user_data)->facts += std::string (name) + "=" + value + "\n";
  }
};
