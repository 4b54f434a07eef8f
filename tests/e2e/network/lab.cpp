// SPDX-License-Identifier: Apache-2.0
#include "network/lab.h"

#include "network/ipv4.h"
#include "network/program.h"

#include <fmt/format.h>

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

namespace keelson::network::test {
namespace {

constexpr int answerMs = 300;

/// A socket belongs to the namespace of the thread that made it, for good.
int socketIn(const std::string& nameSpace, int type)
{
    int made = -1;
    std::thread([&] {
        const int handle = ::open(("/run/netns/" + nameSpace).c_str(), O_RDONLY | O_CLOEXEC);
        if (handle < 0 || ::setns(handle, CLONE_NEWNET) != 0)
            return;
        ::close(handle);
        made = ::socket(AF_INET, type | SOCK_CLOEXEC, 0);
    }).join();
    if (made < 0)
        throw std::runtime_error("no socket in " + nameSpace);
    return made;
}

sockaddr_in addressOf(const std::string& ip, std::uint16_t port)
{
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(parseIpv4(ip).value());
    return address;
}

std::string nameOf(int error)
{
    switch (error) {
    case EPERM: // How the kernel tells a sender of its own about a refused datagram.
    case ECONNREFUSED:
        return "refused";
    case EINPROGRESS:
    case EAGAIN:
    case ETIMEDOUT:
        return "timeout";
    default:
        return "unreachable";
    }
}

int errorOf(int handle)
{
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(handle, SOL_SOCKET, SO_ERROR, &error, &size);
    return error;
}

bool ready(int handle, short events)
{
    pollfd wanted{handle, events, 0};
    return ::poll(&wanted, 1, answerMs) > 0;
}

} // namespace

Responder::Responder(const std::string& nameSpace, std::string name, const std::string& ip, std::uint16_t port)
    : m_name(std::move(name)), m_stream(socketIn(nameSpace, SOCK_STREAM)), m_datagrams(socketIn(nameSpace, SOCK_DGRAM))
{
    const auto address = addressOf(ip, port);
    const auto* generic = reinterpret_cast<const sockaddr*>(&address);
    const int one = 1;
    ::setsockopt(m_stream, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (::bind(m_stream, generic, sizeof address) != 0 || ::listen(m_stream, 64) != 0 ||
        ::bind(m_datagrams, generic, sizeof address) != 0)
        throw std::runtime_error("cannot listen at " + ip);
    m_thread = std::thread([this] { serve(); });
}

Responder::~Responder()
{
    m_stopping = true;
    m_thread.join();
    ::close(m_stream);
    ::close(m_datagrams);
}

void Responder::serve()
{
    while (!m_stopping) {
        std::array wanted{pollfd{m_stream, POLLIN, 0}, pollfd{m_datagrams, POLLIN, 0}};
        if (::poll(wanted.data(), wanted.size(), 50) <= 0)
            continue;
        sockaddr_in peer{};
        socklen_t size = sizeof peer;
        auto* generic = reinterpret_cast<sockaddr*>(&peer);
        const auto answer = [&] { return m_name + " " + formatIpv4(ntohl(peer.sin_addr.s_addr)); };
        if ((wanted[0].revents & POLLIN) != 0) {
            const int client = ::accept4(m_stream, generic, &size, SOCK_CLOEXEC);
            const auto text = answer();
            (void)!::write(client, text.data(), text.size());
            ::close(client);
        } else {
            char byte = 0;
            (void)!::recvfrom(m_datagrams, &byte, 1, 0, generic, &size);
            const auto text = answer();
            ::sendto(m_datagrams, text.data(), text.size(), 0, generic, size);
        }
    }
}

bool Lab::possible()
{
    return ::geteuid() == 0 && runProgram({"ip", "netns", "list"}, "") && runProgram({"nft", "--version"}, "");
}

Lab::Lab(std::string bridge1, std::string bridge2) : m_prefix(fmt::format("kt{}-", ::getpid()))
{
    addNamespace("host");
    addNamespace("outside");
    const auto plug = [&](const std::string& bridge, const std::string& address) {
        run("host", {"ip", "link", "add", bridge, "type", "bridge"});
        run("host", {"ip", "addr", "add", address, "dev", bridge});
        run("host", {"ip", "link", "set", bridge, "up"});
        run("host", {"sysctl", "-qw", fmt::format("net.ipv4.conf.{}.route_localnet=1", bridge)});
    };
    run("host", {"sysctl", "-qw", "net.ipv4.ip_forward=1"});
    plug(bridge1, "10.244.1.1/24");
    plug(bridge2, "10.244.2.1/24");
    run("host", {"ip", "link", "add", "uplink", "type", "veth", "peer", "name", "eth0", "netns", full("outside")});
    run("host", {"ip", "addr", "add", "192.0.2.1/24", "dev", "uplink"});
    run("host", {"ip", "link", "set", "uplink", "up"});
    run("host", {"ip", "route", "add", "default", "via", "192.0.2.2"});
    run("outside", {"ip", "addr", "add", "192.0.2.2/24", "dev", "eth0"});
    run("outside", {"ip", "link", "set", "eth0", "up"});
    run("outside", {"ip", "route", "add", "default", "via", "192.0.2.1"});
}

Lab::~Lab()
{
    for (const auto& name : m_names)
        (void)runProgram({"ip", "netns", "delete", full(name)}, "");
}

void Lab::addNamespace(const std::string& name)
{
    if (const auto made = runProgram({"ip", "netns", "add", full(name)}, ""); !made)
        throw std::runtime_error(made.error().message);
    m_names.push_back(name);
    run(name, {"ip", "link", "set", "lo", "up"});
}

void Lab::addPod(const std::string& name, const std::string& ip, const std::string& bridge)
{
    addNamespace(name);
    const auto port = "v-" + name;
    run("host", {"ip", "link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", full(name)});
    run("host", {"ip", "link", "set", port, "master", bridge, "up"});
    run("host", {"bridge", "link", "set", "dev", port, "hairpin", "on"});
    run(name, {"ip", "addr", "add", ip + "/24", "dev", "eth0"});
    run(name, {"ip", "link", "set", "eth0", "up"});
    run(name, {"ip", "route", "add", "default", "via", ip.substr(0, ip.rfind('.')) + ".1"});
}

std::string Lab::run(const std::string& nameSpace, std::vector<std::string> command, const std::string& input)
{
    command.insert(command.begin(), {"ip", "netns", "exec", full(nameSpace)});
    auto output = runProgram(command, input);
    if (!output)
        throw std::runtime_error(output.error().message);
    return *output;
}

Result<Done> Lab::apply(const std::string& rules)
{
    TRY_OK(runProgram({"ip", "netns", "exec", full("host"), "nft", "-f", "-"}, rules));
    return Done{};
}

std::string Lab::ask(const std::string& nameSpace, const std::string& ip, std::uint16_t port, bool udp)
{
    const int handle = socketIn(full(nameSpace), (udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_NONBLOCK);
    const auto target = addressOf(ip, port);
    std::string answer(64, '\0');
    std::string outcome;
    if (::connect(handle, reinterpret_cast<const sockaddr*>(&target), sizeof target) != 0 && errno != EINPROGRESS)
        outcome = nameOf(errno);
    else if (!ready(handle, POLLOUT))
        outcome = "timeout";
    else if (const int error = errorOf(handle))
        outcome = nameOf(error);
    else if (udp && ::send(handle, "?", 1, 0) != 1)
        outcome = nameOf(errno);
    else if (!ready(handle, POLLIN))
        outcome = "timeout";
    else if (const auto got = ::read(handle, answer.data(), answer.size()); got < 0)
        outcome = nameOf(errno);
    else
        outcome = answer.substr(0, static_cast<std::size_t>(got));
    ::close(handle);
    return outcome;
}

} // namespace keelson::network::test
