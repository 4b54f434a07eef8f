// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/core_v1.h"
#include "containers/container_runtime.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace keelson::node {

inline constexpr std::string_view agentVersion = "v1.32.0+keelson";
inline constexpr int podsMax = 110;
/// What a node tells of its images at most. Source: kubelet's reference, --node-status-max-images, and its own limit.
inline constexpr std::size_t imagesMax = 50;
inline constexpr std::size_t imageNamesMax = 5;

/// What a node says of itself, as read from the machine.
struct NodeFacts {
    std::string name;
    std::string hostIp;
    std::map<std::string, std::string, std::less<>> labels; ///< Besides the well-known ones.
    std::vector<api::Taint> taints;                         ///< For a node that is not there yet.
    std::string machineId;
    std::string systemUuid;
    std::string bootId;
    std::string osImage;
    std::int64_t diskBytes = 0; ///< Of the file system that holds the pods' folders; 0: not said.
    containers::RuntimeInfo runtime;
    std::vector<api::ContainerImage> images;
};

/// How the machine is doing; what is not known is not there.
struct MachineState {
    std::optional<std::int64_t> memoryAvailableBytes;
    std::optional<double> diskFreeShare; ///< 0 to 1.
    std::optional<double> processShare;  ///< Of the processes that there may be.
    std::string problem;                 ///< Why the node cannot run pods; empty: it can.
    std::string problemReason;           ///< "ContainerRuntimeNotReady"
};

/// Pure: the Node object to register with.
api::Node makeNode(const NodeFacts& facts);
/// Pure: what a node tells of its images, the largest first. The order in which they come plays no part: the status
/// changes only when the images do.
std::vector<api::ContainerImage> imagesOf(const std::vector<containers::ImageInfo>& images);
/// Pure: the conditions Ready, MemoryPressure, DiskPressure and PIDPressure; transitions keep their time from `before`.
std::vector<api::NodeCondition> conditionsOf(const MachineState& state, const std::vector<api::NodeCondition>& before,
                                             WallTime now);

/// Reads the machine. Blocks shortly; what cannot be read stays empty.
NodeFacts readFacts(const std::string& name, const std::filesystem::path& dataDirectory);
MachineState readState(const std::filesystem::path& dataDirectory);
/// The address of this host that others reach it by: the one it would use toward `server` (HOST:PORT), else that of its
/// first interface beside loopback; "127.0.0.1" when there is none.
std::string hostAddress(const std::string& server);
/// Whether the server (HOST:PORT) is at an address of this machine.
bool isOnThisMachine(const std::string& server);
/// "nameserver" and "search" of a resolv.conf.
struct Resolver {
    std::vector<std::string> nameServers;
    std::vector<std::string> searches;
};
Resolver parseResolver(std::string_view text);

} // namespace keelson::node
