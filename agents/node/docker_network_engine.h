// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "docker/engine.h"
#include "network/network_engine.h"

namespace keelson::node {

/// Bridge networks of a Docker engine.
class DockerNetworkEngine : public network::NetworkEngine {
public:
    explicit DockerNetworkEngine(docker::EngineAddress address) : m_engine(std::move(address)) {}

    Result<Done> ensureNetwork(const network::ContainerNetwork& wanted) override;
    Result<Done> removeNetwork(const std::string& name) override;

private:
    docker::Engine m_engine;
};

} // namespace keelson::node
