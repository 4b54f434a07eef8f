// SPDX-License-Identifier: Apache-2.0
#include "controlplane/published_address.h"

#include "base/host_port.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

namespace keelson::controlplane {
namespace {

bool isLoopback(std::string_view host)
{
    return host.starts_with("127.") || host == "::1" || host == "localhost";
}

bool isAny(std::string_view host)
{
    return host == "0.0.0.0" || host == "::";
}

} // namespace

std::optional<std::string> publishedAddress(const std::string& advertise, const std::vector<std::string>& listening,
                                            const std::function<std::string()>& machine)
{
    for (const auto& address : advertise.empty() ? listening : std::vector<std::string>{advertise}) {
        const auto endpoint = HostPort::parse(address);
        if (!endpoint || isLoopback(endpoint->host))
            continue;
        if (!isAny(endpoint->host))
            return address;
        if (const auto own = machine(); !own.empty())
            return fmt::format("{}:{}", own, endpoint->port);
    }
    return std::nullopt;
}

std::string machineAddress()
{
    const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (socket < 0)
        return {};
    sockaddr_in elsewhere{};
    elsewhere.sin_family = AF_INET;
    elsewhere.sin_port = htons(1);
    ::inet_pton(AF_INET, "192.0.2.1", &elsewhere.sin_addr); // of no real machine (RFC 5737); nothing is sent
    sockaddr_in own{};
    socklen_t size = sizeof own;
    std::array<char, INET_ADDRSTRLEN> text{};
    if (::connect(socket, reinterpret_cast<sockaddr*>(&elsewhere), sizeof elsewhere) == 0 &&
        ::getsockname(socket, reinterpret_cast<sockaddr*>(&own), &size) == 0)
        ::inet_ntop(AF_INET, &own.sin_addr, text.data(), text.size());
    ::close(socket);
    return text.data();
}

} // namespace keelson::controlplane
