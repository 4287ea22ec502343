/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* "postseal fetch" from real Dovecots, one with a certificate of a trusted authority and one that
   has signed its own, under all that a DNS server with zones of its own may say of their keys. */

#include "fetch-fixture.h"

#include <filesystem>

#include "support/black-hole.h"
#include "support/dns-zone.h"
#include "support/test-ca.h"

using namespace postseal_test;

namespace
{

const std::string kHost = "imap.example.localhost";

/* Readable for whoever Dovecot runs as. */
class Identity
{
public:
  explicit Identity (bool is_self_signed)
  {
    CertOptions options;

    options.dns = { kHost, "localhost" };
    options.ip = { "127.0.0.1" };
    options.self_signed = is_self_signed;
    certificate_ = test_ca ().issue (options);
    std::filesystem::permissions (folder_.path (), std::filesystem::perms (0755));
    write_file (folder_ / "chain.pem", certificate_.chain_pem);
    write_file (folder_ / "key.pem", certificate_.key_pem);
    for (const char *name : { "chain.pem", "key.pem" })
      std::filesystem::permissions (folder_ / name, std::filesystem::perms (0644));
  }

  std::vector<std::string>
  options () const
  {
    return { "--extra", "ssl_cert = <" + (folder_ / "chain.pem"), "--extra",
             "ssl_key = <" + (folder_ / "key.pem") };
  }

  /* The file that DANE's own tools would be given. */
  std::string
  path () const
  {
    return folder_ / "chain.pem";
  }

private:
  TemporaryFolder folder_;
  TestIdentity certificate_;
};

/* As another program than ours has it. Returns: "3 1 1 HASH" */
std::string
name_key (const std::string &certificate)
{
  Outcome outcome
      = run_program ({ "sh", "-c",
                       "openssl x509 -in \"$0\" -noout -pubkey | openssl pkey -pubin -outform DER"
                       " | openssl dgst -sha256 -r | cut -d' ' -f1",
                       certificate });

  EXPECT_EQ (outcome.status, 0) << outcome.err;
  return "3 1 1 " + outcome.out.substr (0, 64);
}

struct Server
{
  explicit Server (bool is_self_signed)
      : identity (is_self_signed), dovecot (identity.options ()), key (name_key (identity.path ()))
  {
  }

  Identity identity;
  Dovecot dovecot;
  std::string key;
};

Server &
get_server (bool is_self_signed)
{
  static Server signed_by_authority (false), signed_by_itself (true);

  return is_self_signed ? signed_by_itself : signed_by_authority;
}

/* What the DNS says, and the exit status under dane=auto, require and off: of a server that a
   trusted authority vouches for, and of one that nobody else does. */
struct Scene
{
  const char *name;
  int trusted[3];
  int self_signed[3];
  const char *told; /* in the seal of the first, under auto; "" for nothing */
};

const Scene kScenes[] = {
  { "Good", { 0, 0, 0 }, { 0, 0, 76 }, "DANE 3 1 1" },
  { "Wrong", { 76, 76, 0 }, { 76, 76, 76 }, "" },
  { "Expired", { 0, 76, 0 }, { 76, 76, 76 }, "the DNS is signed wrongly" },
  { "Missing", { 0, 76, 0 }, { 76, 76, 76 }, "DANE: none" },
  { "Insecure", { 0, 76, 0 }, { 76, 76, 76 }, "DANE: insecure" },
  { "Dead", { 0, 75, 0 }, { 76, 75, 76 }, "the DNS does not say whether it has DANE" },
};

void
PrintTo (const Scene &scene, std::ostream *out)
{
  *out << scene.name;
}

class DaneFetchTest : public testing::TestWithParam<Scene>
{
protected:
  void
  publish (const std::string &scheme, const Server &server)
  {
    const std::string scene = GetParam ().name;
    std::string at = "_" + std::to_string (server.dovecot.port (scheme)) + "._tcp.imap";

    zone_ = std::make_unique<DnsZone> ("example.localhost", scene != "Insecure");
    zone_->add ("imap IN A 127.0.0.1");
    if (scene == "Wrong")
      zone_->add (at + " IN TLSA 3 1 1 " + std::string (64, 'a'));
    else if (scene != "Missing")
      zone_->add (at + " IN TLSA " + server.key);
    if (scene == "Expired")
      zone_->expire_signatures ();
    zone_->start ();
    write_file (postseal_.path ("config/postseal/discovery.conf"),
                "[discovery]\n" + (scene == "Dead" ? hole_.settings () : zone_->settings ()));
  }

  Outcome
  fetch (const std::string &scheme, Server &server, const std::string &dane)
  {
    const Dovecot &dovecot = server.dovecot;

    user_ = server.dovecot.new_user ();
    postseal_.configure ("[account main]\naddress=" + user_ + "@example.org\nreceive=" + scheme
                         + "://" + user_ + "@" + kHost + ":"
                         + std::to_string (dovecot.port (scheme)) + "\nca-file="
                         + test_ca ().ca_file () + "\ndeliver=" + postseal_.deliver ()
                         + "\npassword=file:" + dovecot.password_file () + "\ndane=" + dane + "\n");
    (void)server.dovecot.take_log ();
    return postseal_.run ({ "fetch", "--verbose" });
  }

  void
  expect_fate (const std::string &scheme, Server &server, const int (&statuses)[3])
  {
    static const char *const values[] = { "auto", "require", "off" };

    publish (scheme, server);
    for (int i = 0; i < 3; i++)
      {
        Outcome outcome = fetch (scheme, server, values[i]);
        std::string what = scheme + " dane=" + values[i] + "\n" + outcome.out + outcome.err;

        EXPECT_EQ (outcome.status, statuses[i]) << what;
        if (outcome.status != 0)
          expect_nothing_given_away (server, what);
        if (i == 0)
          first_ = outcome.out + outcome.err;
      }
  }

  /* Not even a name, let alone a password. */
  void
  expect_nothing_given_away (Server &server, const std::string &what)
  {
    std::string log = server.dovecot.take_log ();

    EXPECT_EQ (log.find (user_), std::string::npos) << log << what;
    EXPECT_EQ (what.find ("AUTHENTICATE"), std::string::npos) << what;
    EXPECT_NE (what.find (kHost), std::string::npos) << what;
  }

  PostsealInstance postseal_;
  std::unique_ptr<DnsZone> zone_;
  BlackHole hole_;
  std::string user_;
  std::string first_;
};

TEST_P (DaneFetchTest, OfAServerThatATrustedAuthorityVouchesFor)
{
  expect_fate ("imaps", get_server (false), GetParam ().trusted);
  EXPECT_NE (first_.find (GetParam ().told), std::string::npos) << first_;
}

TEST_P (DaneFetchTest, OfAServerThatNobodyElseVouchesFor)
{
  expect_fate ("imap", get_server (true), GetParam ().self_signed);
}

INSTANTIATE_TEST_SUITE_P (Scenes,
                          DaneFetchTest,
                          testing::ValuesIn (kScenes),
                          [] (const auto &about) { return std::string (about.param.name); });

} // namespace
