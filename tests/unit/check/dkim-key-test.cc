/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/dkim-key.h"

#include <gtest/gtest.h>

#include <string>

namespace
{

/* Of keys that were thrown away. */
const std::string kRsa512
    = "MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAK2DIWh+FTxNOEMRdfXRIjC/"
      "92F0SqfM4cOadGmhh8Y1D2d5t6oXUHtfcmuGFStED5BSJgM0sOXCJx/yVlc5pYMCAwEAAQ==";
const std::string kRsa1024
    = "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC8GhK0SVN5i8IBf/kjywMJ2/tSIGqoqRynADDvN/"
      "yNGZHn0Xdtg80GhwLNpqAZK34prpGQrCEigjQz1/sY2hSvMOszime6vKXK907KlonvP6+bNqqoWi/"
      "NnJqqHV2edH43ALN34NT/T/DgUKr/nlLSmGkXHxj9lZaPgTmcNZNJ0QIDAQAB";
const std::string kRsa2048
    = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAl8yT8jagFnveVcKtoGKDOKvrPjccP2SEAwe+"
      "BkFiiP4uY8StJR0/Yzz8ai7Lrp+9ZnwFVBR+WlyPkb/SQzHwWjL/"
      "LVJyBtLk8JXIlQBhjtj6QtFkWq9M4NnovcW6fo4bzn97Gosd4vB/nDkYh2gruhtQjt1x7tCOID/MO2o89NIlHJQDuE/"
      "bgIowbdk9L06ADbxK5YQhhDbcZRJ0YsVSj3w+ouOoUT+sNgIhITqSJ0DPawUvC3wyOfMixffhkLOlmzWiQ/"
      "EdMLt9jGw7JMzjezEimGakqvcMffNUuOQPmtaig1LDXNqvmLsfpr8G9H0akkhOO/MDTxnhLdM4nqbcGQIDAQAB";
/* Without the algorithm around it: PKCS #1. */
const std::string kBareRsa1024
    = "MIGJAoGBAMhllVMPn2oPipNBTsWz7sgr/YXqUy/"
      "6lL98vswki0QIXNflHVWWztQ2Uen0rUWHjN6sXWLqd2zCwEUeDohlF6SMs2aWDlX6tGaVRYhmbkPVY+"
      "yg64lHOEUTEQxqA4mJiac56PVWobOwrD9Ci2MoTEP2sRDhq7QQzFf6packHkzvAgMBAAE=";
const std::string kEd25519 = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="; /* RFC 8463 */

guint
count_bits (const std::string &record)
{
  g_autofree char *flaw = nullptr;
  g_autoptr (PostsealDkimKey) key = postseal_dkim_key_parse (record.c_str (), &flaw);

  EXPECT_NE (key, nullptr) << record << ": " << flaw;
  return key != nullptr ? key->bits : 0;
}

std::string
find_flaw (const std::string &record)
{
  g_autofree char *flaw = nullptr;
  g_autoptr (PostsealDkimKey) key = postseal_dkim_key_parse (record.c_str (), &flaw);

  EXPECT_EQ (key == nullptr, flaw != nullptr);
  return flaw != nullptr ? flaw : "";
}

TEST (DkimKey, KnowsHowLongAKeyIs)
{
  EXPECT_EQ (count_bits ("v=DKIM1; k=rsa; p=" + kRsa512), 512u);
  EXPECT_EQ (count_bits ("p=" + kRsa1024), 1024u);
  EXPECT_EQ (count_bits ("v=DKIM1; p=" + kRsa2048 + ";"), 2048u);
  EXPECT_EQ (count_bits ("k=rsa; p=" + kBareRsa1024), 1024u);
  EXPECT_EQ (count_bits ("k=ed25519; p=" + kEd25519), 256u);
}

TEST (DkimKey, BlanksWithinTheKeyMeanNothing)
{
  std::string spread = kRsa1024;

  spread.insert (100, " \t");
  EXPECT_EQ (count_bits ("p=" + spread), 1024u);
}

TEST (DkimKey, KnowsRevokedAndTestedKeys)
{
  g_autofree char *flaw = nullptr;
  g_autoptr (PostsealDkimKey) revoked = postseal_dkim_key_parse ("v=DKIM1; p=", &flaw);
  g_autoptr (PostsealDkimKey) tested
      = postseal_dkim_key_parse (("t=s:y; p=" + kRsa1024).c_str (), &flaw);

  ASSERT_NE (revoked, nullptr);
  EXPECT_TRUE (revoked->is_revoked);
  EXPECT_FALSE (revoked->is_testing);
  ASSERT_NE (tested, nullptr);
  EXPECT_TRUE (tested->is_testing);
}

TEST (DkimKey, SaysWhatIsWrong)
{
  EXPECT_NE (find_flaw ("v=DKIM2; p=" + kRsa1024), "");
  EXPECT_NE (find_flaw ("v=DKIM1; k=rsa"), "");
  EXPECT_NE (find_flaw ("p=AAAA"), "");
  EXPECT_NE (find_flaw ("k=ed25519; p=" + kRsa1024), "");
  EXPECT_NE (find_flaw ("nonsense"), "");
  for (size_t length = 4; length < kRsa1024.size () - 8; length += 4)
    EXPECT_NE (find_flaw ("p=" + kRsa1024.substr (0, length)), "") << length;
}

} // namespace
