/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/fact-board.h"

#include <gtest/gtest.h>

namespace
{

TEST (FactBoard, WhatIsNotThereIsWishedForOnce)
{
  g_autoptr (PostsealFactBoard) board = postseal_fact_board_new ();
  PostsealFactKind kind = POSTSEAL_FACT_MX;
  g_autofree char *name = nullptr;

  EXPECT_EQ (postseal_fact_board_get (board, POSTSEAL_FACT_TXT, "Example.org"), nullptr);
  EXPECT_EQ (postseal_fact_board_get (board, POSTSEAL_FACT_TXT, "example.ORG"), nullptr);
  ASSERT_TRUE (postseal_fact_board_take_wish (board, &kind, &name));
  EXPECT_EQ (kind, POSTSEAL_FACT_TXT);
  EXPECT_STREQ (name, "Example.org");
  EXPECT_FALSE (postseal_fact_board_take_wish (board, &kind, &name));
  EXPECT_EQ (postseal_fact_board_get (board, POSTSEAL_FACT_TXT, "example.org"), nullptr);
  EXPECT_FALSE (postseal_fact_board_take_wish (board, &kind, &name));
}

TEST (FactBoard, TheSameNameOfAnotherKindIsAnotherFact)
{
  g_autoptr (PostsealFactBoard) board = postseal_fact_board_new ();
  PostsealFact *fact = postseal_fact_new ();

  postseal_fact_board_put (board, POSTSEAL_FACT_TXT, "example.org", fact);
  EXPECT_EQ (postseal_fact_board_get (board, POSTSEAL_FACT_TXT, "EXAMPLE.org"), fact);
  EXPECT_EQ (postseal_fact_board_get (board, POSTSEAL_FACT_MX, "example.org"), nullptr);
}

TEST (FactBoard, AWishThatIsFulfilledIsAFact)
{
  g_autoptr (PostsealFactBoard) board = postseal_fact_board_new ();
  PostsealFact *fact = postseal_fact_new ();

  (void)postseal_fact_board_get (board, POSTSEAL_FACT_MX, "example.org");
  postseal_fact_add_host (fact, 10, 0, "MX.example.org");
  postseal_fact_board_put (board, POSTSEAL_FACT_MX, "example.org", fact);
  ASSERT_EQ (postseal_fact_board_get (board, POSTSEAL_FACT_MX, "example.org"), fact);
  EXPECT_STREQ (static_cast<PostsealFactHost *> (fact->hosts->pdata[0])->target, "mx.example.org");
}

} // namespace
