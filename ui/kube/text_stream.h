// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kube/api_client.h"

#include <QObject>

#include <optional>

namespace keelson::kube {

class TextStreamWorker;

/// A reply that comes line by line for as long as it is wanted: the log of a container.
///
/// Threads: GUI thread. Lines arrive in bundles, at most about 20 a second. Destroying it ends the stream.
class TextStream : public QObject {
    Q_OBJECT
public:
    TextStream(ApiClient& client, Request request, QObject* parent = nullptr);
    ~TextStream() override;

signals:
    void opened(); ///< The server has accepted; there may be nothing to read yet.
    void lines(const QStringList& lines);
    /// Without an error the server came to the end; `ServiceUnavailable` when the connection broke off.
    void ended(const std::optional<keelson::Error>& why);

private:
    TextStreamWorker* m_worker; // lives on the network thread
};

} // namespace keelson::kube
