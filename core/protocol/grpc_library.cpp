// SPDX-License-Identifier: Apache-2.0
#include "protocol/grpc_library.h"

#include "protocol/agent.grpc.pb.h"

#include <absl/synchronization/mutex.h>
#include <grpcpp/grpcpp.h>

#include <memory>

namespace keelson::protocol {
namespace {

/// A channel without credentials leads nowhere and never tries to; its one call, which fails at once, is what makes it
/// hold on to the threads.
struct Holder {
    std::shared_ptr<grpc::Channel> channel = grpc::CreateChannel("", nullptr);
    std::unique_ptr<agent::v1::Agents::Stub> stub = agent::v1::Agents::NewStub(channel);
    grpc::ClientContext context;
    agent::v1::JoinRequest request;
    agent::v1::JoinReply reply;
};

} // namespace

void prepareGrpc()
{
    static Holder* const holder = [] {
        absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
        auto made = std::make_unique<Holder>();
        made->stub->async()->Join(&made->context, &made->request, &made->reply, [](const grpc::Status&) {});
        return made.release(); // never destroyed: that is its purpose
    }();
    static_cast<void>(holder);
}

} // namespace keelson::protocol
