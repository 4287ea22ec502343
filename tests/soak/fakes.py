# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a desktop has and a test machine has not: logind, NetworkManager and a prompter, on private buses."""

import os
import select
import threading

import gi

gi.require_version("Gio", "2.0")
from gi.repository import Gio, GLib  # noqa: E402

LOGIND = """<node><interface name='org.freedesktop.login1.Manager'><method name='Inhibit'>
<arg type='s' direction='in'/><arg type='s' direction='in'/><arg type='s' direction='in'/>
<arg type='s' direction='in'/><arg type='h' direction='out'/></method>
<signal name='PrepareForSleep'><arg type='b'/></signal></interface></node>"""

NETWORK_MANAGER = """<node><interface name='org.freedesktop.NetworkManager'>
<property name='Version' type='s' access='read'/><property name='State' type='u' access='read'/>
<property name='Connectivity' type='u' access='read'/><property name='Metered' type='u' access='read'/>
<signal name='PropertiesChanged'><arg type='a{sv}'/></signal></interface></node>"""

PROMPTER = """<node><interface name='org.gnome.keyring.internal.Prompter'>
<method name='BeginPrompting'><arg type='o' direction='in'/></method>
<method name='StopPrompting'><arg type='o' direction='in'/></method></interface></node>"""

NO_CONNECTIVITY, FULL_CONNECTIVITY = 1, 4

_loop = GLib.MainLoop()
threading.Thread(target=_loop.run, daemon=True).start()


def connect(bus):
    flags = Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION
    return Gio.DBusConnection.new_for_address_sync(bus.address, flags, None, None)


def own(connection, name):
    connection.call_sync("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "RequestName",
                         GLib.Variant("(su)", (name, 0)), None, 0, -1, None)


def call(connection, name, path, interface, method, parameters=None):
    return connection.call_sync(name, path, interface, method, parameters, None,
                                Gio.DBusCallFlags.NO_AUTO_START, 20000, None)


def register(connection, path, xml, on_call, on_get=None):
    interface = Gio.DBusNodeInfo.new_for_xml(xml).interfaces[0]
    connection.register_object(path, interface, on_call, on_get, None)


class Logind:
    PATH = "/org/freedesktop/login1"

    def __init__(self, bus):
        self.connection, self.pipes, self.asked = connect(bus), [], 0
        register(self.connection, self.PATH, LOGIND, self.on_call)
        own(self.connection, "org.freedesktop.login1")

    def on_call(self, _connection, _sender, _path, _interface, _method, _parameters, invocation):
        self.asked += 1
        reader, writer = os.pipe()
        self.pipes.append(reader)
        descriptors = Gio.UnixFDList.new()
        descriptors.append(writer)
        os.close(writer)
        invocation.return_value_with_unix_fd_list(GLib.Variant("(h)", (0,)), descriptors)

    def locks(self):
        """How many are held."""
        held = 0
        for reader in self.pipes:
            poll = select.poll()
            poll.register(reader, select.POLLIN)
            held += not any(event & select.POLLHUP for _, event in poll.poll(0))
        return held

    def prepare_for_sleep(self, begins):
        self.connection.emit_signal(None, self.PATH, "org.freedesktop.login1.Manager", "PrepareForSleep",
                                    GLib.Variant("(b)", (begins,)))
        self.connection.flush_sync(None)


class NetworkManager:
    PATH = "/org/freedesktop/NetworkManager"

    def __init__(self, bus, connectivity=FULL_CONNECTIVITY):
        self.connection, self.connectivity = connect(bus), connectivity
        register(self.connection, self.PATH, NETWORK_MANAGER, None, self.on_get)
        own(self.connection, "org.freedesktop.NetworkManager")

    def on_get(self, _connection, _sender, _path, _interface, name):
        if name == "Version":
            return GLib.Variant("s", "1.42.4")
        return GLib.Variant("u", {"Connectivity": self.connectivity, "State": 70, "Metered": 4}[name])

    def set(self, connectivity):
        self.connectivity = connectivity
        value = {"Connectivity": GLib.Variant("u", connectivity)}
        self.connection.emit_signal(None, self.PATH, "org.freedesktop.NetworkManager", "PropertiesChanged",
                                    GLib.Variant("(a{sv})", (value,)))
        self.connection.emit_signal(None, self.PATH, "org.freedesktop.DBus.Properties", "PropertiesChanged",
                                    GLib.Variant("(sa{sv}as)", ("org.freedesktop.NetworkManager", value, [])))
        self.connection.flush_sync(None)


class Prompter:
    """Where a keyring asks the user: nobody may ever be asked."""

    def __init__(self, bus):
        self.connection, self.asked = connect(bus), 0
        register(self.connection, "/org/gnome/keyring/Prompter", PROMPTER, self.on_call)
        own(self.connection, "org.gnome.keyring.SystemPrompter")

    def on_call(self, _connection, _sender, _path, _interface, _method, _parameters, invocation):
        self.asked += 1
        invocation.return_dbus_error("org.freedesktop.DBus.Error.Failed", "Nobody is here")


def unlock_keyring(bus, password):
    """As the user's log-in does, without a prompt."""
    secrets, path = "org.freedesktop.secrets", "/org/freedesktop/secrets"
    connection = connect(bus)
    session = call(connection, secrets, path, "org.freedesktop.Secret.Service", "OpenSession",
                   GLib.Variant("(sv)", ("plain", GLib.Variant("s", "")))).unpack()[1]
    call(connection, secrets, path, "org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface",
         "UnlockWithMasterPassword",
         GLib.Variant("(o(oayays))", ("/org/freedesktop/secrets/collection/login",
                                      (session, b"", password.encode(), "text/plain"))))


def has_owner(bus, name):
    return call(connect(bus), "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
                "NameHasOwner", GLib.Variant("(s)", (name,))).unpack()[0]
