// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/kind_info.h"
#include "models/status.h"

#include <QMap>
#include <QString>
#include <QVector>

#include <limits>
#include <memory>
#include <variant>

namespace keelson::ui {

/// One cell of a table: what it says and what it sorts by.
struct Cell {
    QString text;
    double number = std::numeric_limits<double>::quiet_NaN(); ///< NaN: it sorts by its text.
};

using Labels = QMap<QString, QString>;

struct PodFacts {
    QString node, ip, phase;
    qint64 cpuMilli = 0; ///< Requests of all containers.
    qint64 memoryBytes = 0;
    int containers = 0;
    int containersReady = 0;
    int restarts = 0;
    QStringList containerNames; ///< Init containers last.
};

struct NodeFacts {
    qint64 cpuMilli = 0; ///< Allocatable.
    qint64 memoryBytes = 0;
    qint64 pods = 0;
    bool unschedulable = false;
};

struct WorkloadFacts {
    qint64 wanted = 0;
    qint64 ready = 0;
    Labels selector;
};

struct ServiceFacts {
    Labels selector;
    QStringList ports; ///< "80:8080/TCP"
    QString clusterIp;
};

/// Endpoints by the pods behind them.
struct SliceFacts {
    QString service;
    QStringList podUids;
};

struct EventFacts {
    QString reason, message, objectKind, objectNameSpace, objectName, objectUid;
    qint64 lastMs = 0;
    qint64 count = 1;
};

using Facts = std::variant<std::monostate, PodFacts, NodeFacts, WorkloadFacts, ServiceFacts, SliceFacts, EventFacts>;

/// What the window keeps of an object: its row and the few facts that other pages read. The whole object is fetched
/// when it is opened. Immutable once made; made on the network thread.
struct Item {
    const KindInfo* kind = nullptr;
    QString uid;
    QString nameSpace;
    QString name;
    QString resourceVersion;
    qint64 createdMs = 0;
    bool deleting = false;
    Labels labels;
    QString ownerKind, ownerName, ownerUid; ///< Its controller, or else its first owner.
    Status status;
    QVector<Cell> cells; ///< As many as `kind->columns`.
    Facts facts;

    template <typename T>
    const T* factsAs() const
    {
        return std::get_if<T>(&facts);
    }
};

using ItemPtr = std::shared_ptr<const Item>;

/// Whether `event` is about this very object: its kind, namespace, name and uid, so not about one of the same name
/// before it. An event without a uid, or with a node's name in its place as node agents write it, is about the name.
bool isAbout(const Item& event, const Item& object);

/// Pure: the row of a whole object. Null when it has no uid.
ItemPtr projectObject(const KindInfo& kind, const api::Value& object);
/// The rows of a page: of a List, of a Table, or of a single object.
QVector<ItemPtr> projectPage(const KindInfo& kind, const api::Value& page);

} // namespace keelson::ui
