/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/scripted-server.h"

#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <deque>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

namespace postseal_test
{

namespace
{

/* Fills in @storage for @address and @port; returns its size. */
socklen_t
fill_address (const std::string &address, unsigned short port, sockaddr_storage *storage)
{
  auto *v4 = reinterpret_cast<sockaddr_in *> (storage);
  auto *v6 = reinterpret_cast<sockaddr_in6 *> (storage);

  memset (storage, 0, sizeof *storage);
  if (inet_pton (AF_INET, address.c_str (), &v4->sin_addr) == 1)
    {
      v4->sin_family = AF_INET;
      v4->sin_port = htons (port);
      return sizeof *v4;
    }
  if (inet_pton (AF_INET6, address.c_str (), &v6->sin6_addr) != 1)
    throw std::runtime_error ("bad address " + address);
  v6->sin6_family = AF_INET6;
  v6->sin6_port = htons (port);
  return sizeof *v6;
}

/* A listening or merely bound socket; its port. */
int
bind_socket (const std::string &address, unsigned short port, unsigned short *ret_port)
{
  sockaddr_storage storage;
  socklen_t size = fill_address (address, port, &storage);
  int on = 1;
  int fd = socket (storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

  setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (fd < 0 || bind (fd, reinterpret_cast<sockaddr *> (&storage), size) != 0
      || getsockname (fd, reinterpret_cast<sockaddr *> (&storage), &size) != 0)
    throw std::runtime_error ("cannot bind " + address + ": " + strerror (errno));
  *ret_port = ntohs (reinterpret_cast<sockaddr_in *> (&storage)->sin_port);
  return fd;
}

gnutls_datum_t
borrow (const std::string &bytes)
{
  return { reinterpret_cast<unsigned char *> (const_cast<char *> (bytes.data ())),
           static_cast<unsigned> (bytes.size ()) };
}

} // namespace

std::string
make_ticket_key ()
{
  gnutls_datum_t key = {};

  gnutls_session_ticket_key_generate (&key);
  std::string bytes (reinterpret_cast<char *> (key.data), key.size);
  gnutls_free (key.data);
  return bytes;
}

/* --- Peer --- */

Peer::Peer (int fd, int stop_fd, unsigned index, Record *record, std::mutex *mutex)
    : fd_ (fd), stop_fd_ (stop_fd), index_ (index), record_ (record), mutex_ (mutex)
{
}

Peer::~Peer () { close (); }

void
Peer::end_session ()
{
  if (session_ != nullptr)
    gnutls_deinit (session_);
  if (credentials_ != nullptr)
    gnutls_certificate_free_credentials (credentials_);
  if (anonymous_ != nullptr)
    gnutls_anon_free_server_credentials (anonymous_);
  if (group_ != nullptr)
    gnutls_dh_params_deinit (group_);
  session_ = nullptr;
  credentials_ = nullptr;
  anonymous_ = nullptr;
  group_ = nullptr;
}

bool
Peer::wait_readable ()
{
  pollfd fds[] = { { fd_, POLLIN, 0 }, { stop_fd_, POLLIN, 0 } };

  if (fd_ < 0)
    return false;
  while (poll (fds, 2, -1) < 0)
    if (errno != EINTR)
      return false;
  /* What has arrived before the stop is still recorded. */
  return fds[0].revents != 0;
}

ssize_t
Peer::receive (void *buffer, size_t size)
{
  ssize_t count = wait_readable () ? recv (fd_, buffer, size, 0) : 0;

  if (count <= 0)
    return 0;
  std::lock_guard<std::mutex> lock (*mutex_);
  record_->raw.append (static_cast<char *> (buffer), static_cast<size_t> (count));
  return count;
}

ssize_t
Peer::pull (gnutls_transport_ptr_t data, void *buffer, size_t size)
{
  auto *self = static_cast<Peer *> (data);

  /* What came in one segment with the last command in clear belongs to the handshake. */
  if (self->is_handshaking_ && !self->buffer_.empty ())
    {
      size_t count = std::min (size, self->buffer_.size ());

      memcpy (buffer, self->buffer_.data (), count);
      self->buffer_.erase (0, count);
      return static_cast<ssize_t> (count);
    }
  return self->receive (buffer, size);
}

int
Peer::pull_timeout (gnutls_transport_ptr_t, unsigned)
{
  return 1;
}

ssize_t
Peer::push (gnutls_transport_ptr_t data, const void *buffer, size_t size)
{
  auto *self = static_cast<Peer *> (data);

  self->send_raw ({ static_cast<const char *> (buffer), size });
  return static_cast<ssize_t> (size);
}

void
Peer::send_raw (std::string_view bytes)
{
  while (!bytes.empty () && fd_ >= 0)
    {
      ssize_t count = ::send (fd_, bytes.data (), bytes.size (), MSG_NOSIGNAL | MSG_DONTWAIT);
      pollfd fds[] = { { fd_, POLLOUT, 0 }, { stop_fd_, POLLIN, 0 } };

      if (count > 0)
        bytes.remove_prefix (static_cast<size_t> (count));
      else if (errno != EAGAIN && errno != EINTR)
        return;
      else if (poll (fds, 2, -1) > 0 && fds[1].revents != 0)
        return;
    }
}

void
Peer::send (std::string_view bytes)
{
  if (session_ == nullptr)
    {
      send_raw (bytes);
      return;
    }
  while (!bytes.empty ())
    {
      ssize_t count = gnutls_record_send (session_, bytes.data (), bytes.size ());

      if (count <= 0)
        return;
      bytes.remove_prefix (static_cast<size_t> (count));
    }
}

void
Peer::send_slowly (std::string_view bytes)
{
  for (size_t i = 0; i < bytes.size (); i++)
    send (bytes.substr (i, 1));
}

bool
Peer::fill ()
{
  char bytes[16384];
  ssize_t count = 0;

  if (fd_ < 0)
    return false;
  if (session_ == nullptr)
    count = receive (bytes, sizeof bytes);
  else
    do
      count = gnutls_record_recv (session_, bytes, sizeof bytes);
    while (count == GNUTLS_E_AGAIN || count == GNUTLS_E_INTERRUPTED);
  if (count <= 0)
    {
      std::lock_guard<std::mutex> lock (*mutex_);
      record_->ended_with_close_notify = session_ != nullptr && count == 0;
      return false;
    }
  buffer_.append (bytes, static_cast<size_t> (count));
  return true;
}

std::string
Peer::take (size_t count)
{
  std::string bytes = buffer_.substr (0, count);
  std::lock_guard<std::mutex> lock (*mutex_);

  buffer_.erase (0, count);
  (session_ != nullptr ? record_->tls : record_->clear) += bytes;
  return bytes;
}

std::optional<std::string>
Peer::read_line ()
{
  size_t end = 0;

  while ((end = buffer_.find ('\n')) == std::string::npos)
    if (!fill ())
      {
        take (buffer_.size ());
        return std::nullopt;
      }
  std::string line = take (end + 1);
  line.pop_back ();
  if (!line.empty () && line.back () == '\r')
    line.pop_back ();
  return line;
}

std::string
Peer::read_bytes (size_t count)
{
  while (buffer_.size () < count && fill ())
    ;
  return take (count);
}

std::string
Peer::peek (size_t count)
{
  while (buffer_.size () < count && fill ())
    ;
  return buffer_.substr (0, count);
}

std::string
Peer::read_all ()
{
  while (fill ())
    ;
  return take (buffer_.size ());
}

std::string
Peer::read_until (std::string_view end)
{
  size_t from = 0, found = 0;

  while ((found = buffer_.find (end, from)) == std::string::npos)
    {
      from = buffer_.size () - std::min (buffer_.size (), end.size () - 1);
      if (!fill ())
        return take (buffer_.size ());
    }
  return take (found + end.size ());
}

static gnutls_dh_params_t
make_small_group ()
{
  static const char prime[] = "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74"
                              "020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B302B0A6DF25F1437"
                              "4FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED"
                              "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE65381FFFFFFFFFFFFFFFF";
  unsigned char bytes[128], two = 2;
  size_t size = sizeof bytes;
  gnutls_datum_t generator = { &two, 1 };
  gnutls_dh_params_t group = nullptr;

  gnutls_hex2bin (prime, sizeof prime - 1, bytes, &size);
  gnutls_datum_t number = { bytes, static_cast<unsigned> (size) };
  gnutls_dh_params_init (&group);
  gnutls_dh_params_import_raw (group, &number, &generator);
  return group;
}

/* GnuTLS's own way of setting a staple takes good and current ones only. */
int
Peer::staple (gnutls_session_t, void *response, gnutls_datum_t *ret_staple)
{
  auto *bytes = static_cast<std::string *> (response);

  ret_staple->data = static_cast<unsigned char *> (gnutls_malloc (bytes->size ()));
  ret_staple->size = static_cast<unsigned> (bytes->size ());
  memcpy (ret_staple->data, bytes->data (), bytes->size ());
  return 0;
}

bool
Peer::start_tls (const ServerTls &tls)
{
  gnutls_datum_t chain = borrow (tls.identity.chain_pem), key = borrow (tls.identity.key_pem);
  gnutls_datum_t ticket_key = borrow (tls.ticket_key);
  unsigned flags = GNUTLS_SERVER | (tls.ticket_key.empty () ? GNUTLS_NO_TICKETS : 0);
  char name[256];
  size_t name_size = sizeof name;
  unsigned type = 0;
  int result = 0;

  end_session ();
  ocsp_response_ = tls.ocsp_response;
  gnutls_certificate_allocate_credentials (&credentials_);
  result = gnutls_certificate_set_x509_key_mem (credentials_, &chain, &key, GNUTLS_X509_FMT_PEM);
  if (result < 0)
    throw std::runtime_error (std::string ("server certificate: ") + gnutls_strerror (result));
  if (!tls.ocsp_response.empty ())
    gnutls_certificate_set_ocsp_status_request_function (credentials_, staple, &ocsp_response_);
  gnutls_init (&session_, flags | GNUTLS_NO_SIGNAL);
  if (gnutls_priority_set_direct (session_, tls.priority.c_str (), nullptr) < 0)
    throw std::runtime_error ("bad priority " + tls.priority);
  gnutls_credentials_set (session_, GNUTLS_CRD_CERTIFICATE, credentials_);
  if (!tls.ticket_key.empty ())
    gnutls_session_ticket_enable_server (session_, &ticket_key);
  if (tls.has_small_group)
    {
      group_ = make_small_group ();
      gnutls_certificate_set_dh_params (credentials_, group_);
    }
  if (tls.is_anonymous)
    {
      gnutls_anon_allocate_server_credentials (&anonymous_);
      gnutls_credentials_set (session_, GNUTLS_CRD_ANON, anonymous_);
    }
  if (tls.asks_for_certificate)
    gnutls_certificate_server_set_request (session_, GNUTLS_CERT_REQUEST);
  gnutls_transport_set_ptr (session_, this);
  gnutls_transport_set_pull_function (session_, pull);
  gnutls_transport_set_pull_timeout_function (session_, pull_timeout);
  gnutls_transport_set_push_function (session_, push);

  if (tls.refuses_handshake)
    {
      gnutls_alert_send (session_, GNUTLS_AL_FATAL, GNUTLS_A_HANDSHAKE_FAILURE);
      end_session ();
      return false;
    }
  is_handshaking_ = true;
  do
    result = gnutls_handshake (session_);
  while (result < 0 && !gnutls_error_is_fatal (result));
  is_handshaking_ = false;
  if (result < 0)
    gnutls_alert_send_appropriate (session_, result);

  std::lock_guard<std::mutex> lock (*mutex_);
  if (gnutls_server_name_get (session_, name, &name_size, &type, 0) == 0)
    record_->sni.assign (name, name_size);
  if (result < 0)
    {
      end_session ();
      return false;
    }
  gnutls_datum_t binding = {};
  if (gnutls_session_channel_binding (session_, GNUTLS_CB_TLS_EXPORTER, &binding) == 0)
    record_->exporter.assign (reinterpret_cast<char *> (binding.data), binding.size);
  gnutls_free (binding.data);
  record_->version = gnutls_protocol_get_name (gnutls_protocol_get_version (session_));
  record_->is_resumed = gnutls_session_is_resumed (session_) != 0;
  gnutls_certificate_get_peers (session_, &record_->client_certificates);
  return true;
}

void
Peer::stall ()
{
  char bytes[4096];

  if (session_ == nullptr)
    {
      read_all ();
      return;
    }
  /* Records that nobody reads are not decrypted, only counted as raw. */
  while (receive (bytes, sizeof bytes) > 0)
    ;
}

void
Peer::freeze ()
{
  pollfd fds[] = { { fd_, POLLRDHUP, 0 }, { stop_fd_, POLLIN, 0 } };

  while (fd_ >= 0 && poll (fds, 2, -1) < 0 && errno == EINTR)
    ;
}

void
Peer::say_goodbye ()
{
  if (session_ != nullptr)
    gnutls_bye (session_, GNUTLS_SHUT_WR);
}

void
Peer::close ()
{
  if (fd_ < 0)
    return;
  say_goodbye ();
  cut ();
}

void
Peer::cut ()
{
  char bytes[4096];

  if (fd_ < 0)
    return;
  /* With unread bytes in the socket close() would send RST, which is reset()'s business. */
  shutdown (fd_, SHUT_WR);
  for (ssize_t count = 0; (count = recv (fd_, bytes, sizeof bytes, MSG_DONTWAIT)) > 0;)
    {
      std::lock_guard<std::mutex> lock (*mutex_);
      record_->raw.append (bytes, static_cast<size_t> (count));
      if (session_ == nullptr)
        record_->clear.append (bytes, static_cast<size_t> (count));
    }
  take (buffer_.size ());
  ::close (fd_);
  fd_ = -1;
  end_session ();
}

void
Peer::reset ()
{
  linger now = { 1, 0 };

  if (fd_ < 0)
    return;
  take (buffer_.size ());
  setsockopt (fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  ::close (fd_);
  fd_ = -1;
  end_session ();
}

/* --- ScriptedServer --- */

ScriptedServer::ScriptedServer (Script script, const std::string &address, unsigned short port)
    : script_ (std::move (script))
{
  int ends[2];

  listener_ = bind_socket (address, port, &port_);
  if (listen (listener_, 64) != 0 || pipe2 (ends, O_CLOEXEC) != 0)
    throw std::runtime_error ("cannot listen");
  stop_read_ = ends[0];
  stop_write_ = ends[1];
  acceptor_ = std::thread (&ScriptedServer::accept_loop, this);
}

ScriptedServer::~ScriptedServer ()
{
  stop ();
  ::close (stop_read_);
}

void
ScriptedServer::accept_loop ()
{
  pollfd fds[] = { { listener_, POLLIN, 0 }, { stop_read_, POLLIN, 0 } };
  unsigned count = 0;

  while (poll (fds, 2, -1) >= 0 && fds[1].revents == 0)
    {
      int fd = accept4 (listener_, nullptr, nullptr, SOCK_CLOEXEC);
      int on = 1;

      if (fd < 0)
        continue;
      setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      std::lock_guard<std::mutex> lock (mutex_);
      records_.push_back (std::make_unique<Record> ());
      threads_.emplace_back ([this, fd, index = count++, record = records_.back ().get ()] {
        Peer peer (fd, stop_read_, index, record, &mutex_);
        script_ (peer);
      });
    }
}

void
ScriptedServer::stop ()
{
  std::vector<std::thread> threads;

  if (stop_write_ < 0)
    return;
  ::close (stop_write_); /* the reading end now polls as hung up, for every thread at once */
  stop_write_ = -1;
  acceptor_.join ();
  ::close (listener_);
  {
    std::lock_guard<std::mutex> lock (mutex_);
    threads.swap (threads_);
  }
  for (std::thread &thread : threads)
    thread.join ();
}

unsigned
ScriptedServer::connections ()
{
  std::lock_guard<std::mutex> lock (mutex_);

  return static_cast<unsigned> (records_.size ());
}

Record
ScriptedServer::record (unsigned index)
{
  std::lock_guard<std::mutex> lock (mutex_);

  return index < records_.size () ? *records_[index] : Record ();
}

std::string
ScriptedServer::all_clear ()
{
  std::lock_guard<std::mutex> lock (mutex_);
  std::string all;

  for (const auto &record : records_)
    all += record->clear;
  return all;
}

unsigned short
unused_port ()
{
  static constexpr size_t kHeld = 64; /* far more than one test asks for */
  static std::deque<int> held;
  unsigned short port = 0;

  held.push_back (bind_socket ("127.0.0.1", 0, &port));
  if (held.size () > kHeld)
    {
      ::close (held.front ());
      held.pop_front ();
    }
  return port;
}

} // namespace postseal_test
