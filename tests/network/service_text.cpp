// SPDX-License-Identifier: Apache-2.0
#include "network/service_text.h"

#include <sstream>
#include <stdexcept>

namespace keelson::network::test {
namespace {

/// "a:b" to {"a", "b"}, at the last one of `separator`.
std::pair<std::string, std::string> split(const std::string& text, char separator)
{
    const auto at = text.rfind(separator);
    if (at == std::string::npos)
        return {text, ""};
    return {text.substr(0, at), text.substr(at + 1)};
}

std::uint16_t number(const std::string& text)
{
    return static_cast<std::uint16_t>(std::stoi(text));
}

Backend backend(const std::string& word)
{
    const auto [address, node] = split(word, '@');
    const auto [ip, port] = split(address, ':');
    return {ip, number(port), node};
}

void readOption(ServicePort& port, const std::string& word)
{
    const auto [key, value] = split(word, '=');
    if (key == "node")
        port.nodePort = number(value);
    else if (key == "external")
        port.externalIps.push_back(value);
    else if (key == "affinity")
        port.affinitySeconds = std::stoi(value);
    else if (word == "internal=local")
        port.internalPolicy = TrafficPolicy::Local;
    else if (word == "outside=local")
        port.externalPolicy = TrafficPolicy::Local;
    else
        throw std::invalid_argument("service text: " + word);
}

ServicePort servicePort(const std::string& line)
{
    ServicePort port;
    std::istringstream words(line);
    std::string name;
    std::string protocol;
    std::string address;
    words >> name >> protocol >> address;
    const auto [path, portName] = split(name, ':');
    std::tie(port.nameSpace, port.service) = split(path, '/');
    port.port = portName;
    port.protocol = protocol == "udp" ? Protocol::Udp : protocol == "sctp" ? Protocol::Sctp : Protocol::Tcp;
    const auto [ip, portNumber] = split(address, ':');
    port.clusterIp = ip == "-" ? "" : ip;
    port.number = number(portNumber);
    bool backends = false;
    for (std::string word; words >> word;) {
        if (word == "->")
            backends = true;
        else if (backends)
            port.backends.push_back(backend(word));
        else
            readOption(port, word);
    }
    return port;
}

} // namespace

std::vector<ServicePort> servicePorts(const std::string& text)
{
    std::vector<ServicePort> ports;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        const auto first = line.find_first_not_of(' ');
        if (first != std::string::npos && line[first] != '#')
            ports.push_back(servicePort(line));
    }
    return ports;
}

} // namespace keelson::network::test
