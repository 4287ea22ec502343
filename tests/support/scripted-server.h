/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "support/test-ca.h"

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace postseal_test
{

/* How the server does TLS. */
struct ServerTls
{
  TestIdentity identity;
  std::string priority = "NORMAL"; /* e.g. "NORMAL:-VERS-ALL:+VERS-TLS1.1" */
  std::string ocsp_response = {}; /* stapled DER; none when empty */
  std::string ticket_key = {}; /* make_ticket_key(); no resumption when empty */
  bool asks_for_certificate = false; /* requests one from the client, checks nothing */
  bool refuses_handshake = false; /* an alert instead of a ServerHello */
  /* For priorities that allow it; DHE over a group of 1024 bits (RFC 2409 section 6.2). */
  bool is_anonymous = false, has_small_group = false;
};

/* A key for ServerTls::ticket_key; servers and connections that share it resume each other's
 * sessions. */
std::string make_ticket_key ();

/* What one connection has received, in order of arrival. Complete once the server has been stopped.
 */
struct Record
{
  std::string
      clear; /* outside TLS: commands in clear. Empty is what a sealed client must leave here */
  std::string tls; /* decrypted application data */
  std::string raw; /* every byte from the socket, handshake and records included */
  std::string sni; /* the server name the client asked for */
  std::string version; /* "TLS1.3" once the handshake is done */
  std::string exporter; /* tls-exporter channel binding as the server sees it (RFC 9266) */
  bool is_resumed = false;
  unsigned client_certificates = 0;
  bool ended_with_close_notify = false; /* the client's goodbye: TRUE after its close_notify */
};

/* One accepted connection, used by the script on a thread of its own. Every wait ends when the
   client goes or the server is stopped: then reads say nullopt and sends do nothing, so a script
   needs no error handling and a test can never hang here. After start_tls() everything goes through
   TLS. */
class Peer
{
public:
  void send (std::string_view bytes); /* as many TCP segments or records as it takes */
  void send_slowly (std::string_view bytes); /* one byte a segment or record */
  void send_raw (std::string_view bytes); /* past TLS, straight into the socket */

  std::optional<std::string> read_line (); /* without CR LF; nullopt at the end */
  std::string read_bytes (size_t count); /* fewer at the end */
  std::string read_all (); /* until the end */
  std::string peek (size_t count); /* leaves them to be read; fewer at the end */
  std::string read_until (std::string_view end); /* with @end; up to the end where it never comes */
  /* Whether more has come than was read: what a client has sent without waiting. */
  bool
  has_more () const
  {
    return !buffer_.empty ();
  }

  /* Serves the handshake. FALSE when it failed, e.g. because the client did not like us. */
  bool start_tls (const ServerTls &tls);
  bool
  is_tls () const
  {
    return session_ != nullptr;
  }
  gnutls_session_t
  session ()
  {
    return session_;
  }

  void stall (); /* says nothing until the client goes or the server is stopped */
  void freeze (); /* the same, and reads nothing, so that the client cannot send for ever */
  void say_goodbye (); /* close_notify, TCP stays open */
  void close (); /* close_notify if TLS, then TCP */
  void cut (); /* TCP FIN without close_notify */
  void reset (); /* TCP RST */

  /* 0 for the first connection a server has accepted, 1 for the second, ... */
  unsigned
  index () const
  {
    return index_;
  }

  ~Peer ();
  Peer (const Peer &) = delete;
  Peer &operator= (const Peer &) = delete;

private:
  friend class ScriptedServer;
  Peer (int fd, int stop_fd, unsigned index, Record *record, std::mutex *mutex);

  bool wait_readable ();
  ssize_t receive (void *buffer, size_t size); /* raw; 0 at the end */
  bool fill (); /* more decrypted or clear bytes into buffer_ */
  std::string take (size_t count);
  void end_session ();
  static ssize_t pull (gnutls_transport_ptr_t self, void *buffer, size_t size);
  static int pull_timeout (gnutls_transport_ptr_t self, unsigned ms);
  static ssize_t push (gnutls_transport_ptr_t self, const void *buffer, size_t size);

  static int staple (gnutls_session_t session, void *response, gnutls_datum_t *ret_staple);

  int fd_;
  int stop_fd_; /* readable when the server is to stop */
  unsigned index_;
  Record *record_;
  std::mutex *mutex_;
  std::string buffer_; /* received, not yet consumed by the script */
  std::string ocsp_response_; /* borrowed by credentials_ */
  bool is_handshaking_ = false;
  gnutls_session_t session_ = nullptr;
  gnutls_certificate_credentials_t credentials_ = nullptr;
  gnutls_anon_server_credentials_t anonymous_ = nullptr;
  gnutls_dh_params_t group_ = nullptr;
};

/* A mail server that does what a script says, however rude:

     ServerTls tls { test_ca ().issue () };
     ScriptedServer server ([&] (Peer &peer) {
       peer.send ("* OK ready\r\n");
       peer.read_line ();                        // "a1 STARTTLS"
       peer.send ("a1 OK go\r\n* OK injected\r\n");
       peer.start_tls (tls);
       peer.stall ();
     });
     ... run the client against "localhost" and server.port () ...
     server.stop ();
     EXPECT_EQ (server.record ().clear, "a1 STARTTLS\r\n");

   The script runs once a connection, each on its own thread, so what it captures must outlive the
   server and be safe to share. When it returns the connection is closed as by Peer::close(): to
   learn what the client would still have said, end the script with read_all() or stall(). */
class ScriptedServer
{
public:
  using Script = std::function<void (Peer &peer)>;

  /* Listens on a free port. @address: "127.0.0.1", "127.0.0.2", "::1" ... */
  explicit ScriptedServer (Script script,
                           const std::string &address = "127.0.0.1",
                           unsigned short port = 0);
  ~ScriptedServer ();
  ScriptedServer (const ScriptedServer &) = delete;
  ScriptedServer &operator= (const ScriptedServer &) = delete;

  unsigned short
  port () const
  {
    return port_;
  }
  unsigned connections ();

  /* Accepts nothing more, ends every connection, joins all threads. Done by the destructor, too. */
  void stop ();

  /* What connection @index has received; an empty record when there was none. */
  Record record (unsigned index = 0);
  /* The clear bytes of all connections together: the sealed promise in one string. */
  std::string all_clear ();

private:
  void accept_loop ();

  Script script_;
  int listener_ = -1;
  int stop_read_ = -1;
  int stop_write_ = -1;
  unsigned short port_ = 0;
  std::mutex mutex_; /* records_, threads_ */
  std::vector<std::unique_ptr<Record>> records_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

/* A loopback port at which nobody listens. It is held, so that no server of another test gets it by
   chance; a server that asks for this very port can have it. */
unsigned short unused_port ();

} // namespace postseal_test
