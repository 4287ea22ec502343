/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <string>
#include <sys/types.h>
#include <utility>
#include <vector>

namespace postseal_test
{

/* A DNS server on a free port of this machine with zones of its own, signed with keys made anew,
   and nothing else: other names do not exist.

     DnsZone zone; // example.localhost
     zone.add ("_imaps._tcp IN SRV 0 1 " + std::to_string (port) + " imap.example.localhost.");
     zone.add ("autoconfig IN A 127.0.0.1");
     zone.start ();
     sandbox.write (".config/postseal/discovery.conf", "[discovery]\n" + zone.settings ());

   Names below "localhost." are this machine for GIO in every process (RFC 6761 section 6.3), so the
   servers of such a zone need no address record and no resolver of a test's own. */
class DnsZone
{
public:
  explicit DnsZone (const std::string &domain = "example.localhost", bool is_signed = true);
  ~DnsZone ();
  DnsZone (const DnsZone &) = delete;
  DnsZone &operator= (const DnsZone &) = delete;

  /* Another zone of the same server. */
  void add_zone (const std::string &domain, bool is_signed);
  /* A line of a zone file (RFC 1035 section 5). What has no dot at its end is below the first zone;
     "@" is that itself. */
  void add (const std::string &record);
  /* Spoils the signature of the records of @name, as in add(), and @type, "SRV". */
  void break_signature (const std::string &name, const std::string &type);
  /* All signatures were good, but only until some day years ago. */
  void expire_signatures ();
  /* The server answers nothing about @domain but that it will not (SERVFAIL at a resolver). */
  void refuse (const std::string &domain);
  /* Signed zones are served without signatures, as by a resolver that knows nothing of DNSSEC. */
  void strip_signatures ();

  /* Signs and serves. Throws std::runtime_error. */
  void start ();
  /* Nobody listens at the port any more. */
  void stop ();

  /* "127.0.0.1@PORT" */
  std::string server () const;
  /* A file with the anchors of all signed zones. */
  std::string anchor () const;
  /* Both, as keys of discovery.conf. */
  std::string settings () const;
  /* What was asked so far: "_imaps._tcp.example.localhost. SRV". */
  std::vector<std::string> questions () const;

private:
  struct Zone
  {
    std::string domain; /* with the last dot */
    bool is_signed;
    std::string records;
  };

  std::string complete (const std::string &name) const;
  void write_zone (const Zone &zone);
  void sign_zone (const Zone &zone);
  std::string configuration () const;

  std::string folder_;
  std::vector<Zone> zones_;
  std::vector<std::string> refused_;
  std::vector<std::pair<std::string, std::string>> broken_; /* name and type */
  bool is_expired_ = false;
  bool is_stripped_ = false;
  unsigned short port_ = 0;
  pid_t pid_ = -1;
};

} // namespace postseal_test
