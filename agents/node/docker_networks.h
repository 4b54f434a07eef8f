// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "docker/engine.h"
#include "network/network_engine.h"

namespace keelson::node {

/// The nodes' bridge networks on a Docker engine.
class DockerNetworks : public network::NetworkEngine {
public:
    explicit DockerNetworks(docker::EngineAddress address) : m_engine(std::move(address)) {}

    Result<Done> ensureNetwork(const network::ContainerNetwork& wanted) override;
    Result<Done> removeNetwork(const std::string& name) override;

private:
    docker::Engine m_engine;
};

/// The body of `POST /networks/create`.
boost::json::value networkRequest(const network::ContainerNetwork& wanted);
/// Whether the engine's report of a network (`GET /networks/NAME`) is of what we want.
bool isNetwork(const boost::json::value& report, const network::ContainerNetwork& wanted);

} // namespace keelson::node
