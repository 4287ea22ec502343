/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gtest/gtest.h>

#include "base/digest.h"

/* FIPS 180-4, examples of SHA-256. */
TEST (Digest, OfPiecesEqualsThatOfTheWhole)
{
  guint8 value[POSTSEAL_DIGEST_LENGTH];
  PostsealDigest *digest = postseal_digest_new ();

  postseal_digest_update (digest, "a", 1);
  postseal_digest_update (digest, "", 0);
  postseal_digest_update (digest, "bc", 2);
  postseal_digest_finish (digest, value);

  g_autofree char *hex = postseal_digest_to_hex (value, sizeof value);
  EXPECT_STREQ (hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}
