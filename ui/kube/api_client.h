// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kube/transport.h"

#include <QHash>
#include <QObject>
#include <QPointer>
#include <QThread>

#include <functional>

namespace keelson::kube {

class CallRunner;

/// The door to one cluster. Owns the network thread, on which all of TLS, HTTP and JSON happens.
///
/// Threads: lives on the GUI thread and is called there only; answers come there, from the event loop, never from
/// inside the call. An answer is dropped when its `context` has been destroyed or the call was cancelled.
class ApiClient : public QObject {
    Q_OBJECT
public:
    using CallId = quint64;
    using Answer = std::function<void(const Result<Response>&)>;

    explicit ApiClient(ClusterAccess access, QObject* parent = nullptr);
    ~ApiClient() override; ///< Cancels everything and joins the network thread.

    const ClusterAccess& access() const { return m_endpoint->access(); }
    std::shared_ptr<const Endpoint> endpoint() const { return m_endpoint; }
    /// The thread for objects that work on the network themselves (list-watches, log streams).
    QThread* networkThread() { return &m_thread; }

    CallId send(Request request, QObject* context, Answer answer);
    void cancel(CallId call);
    int pendingCalls() const { return static_cast<int>(m_waiting.size()); }

signals:
    void pendingCallsChanged(int calls);

private:
    struct Waiting {
        QPointer<QObject> context;
        Answer answer;
    };
    void finish(CallId call, const Result<Response>& result);

    std::shared_ptr<const Endpoint> m_endpoint;
    QThread m_thread;
    CallRunner* m_runner = nullptr; // lives on m_thread, deleted when it ends
    QHash<CallId, Waiting> m_waiting;
    CallId m_lastCall = 0;
};

} // namespace keelson::kube
