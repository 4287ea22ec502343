/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gtest/gtest.h>

#include "base/suggest.h"

static const char *const keys[] = { "receive", "receive-tls", "send", "keep", "folders", nullptr };

TEST (Suggest, FindsTheNearestSpelling)
{
  EXPECT_STREQ (postseal_suggest ("recieve", keys), "receive");
  EXPECT_STREQ (postseal_suggest ("receive_tls", keys), "receive-tls");
  EXPECT_STREQ (postseal_suggest ("FOLDER", keys), "folders");
}

TEST (Suggest, SaysNothingWhenNothingIsNear)
{
  EXPECT_EQ (postseal_suggest ("colour", keys), nullptr);
  EXPECT_EQ (postseal_suggest ("", keys), nullptr);
  EXPECT_EQ (postseal_suggest ("x", keys), nullptr);
}
