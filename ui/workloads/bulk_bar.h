// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/kind_info.h"

#include <QWidget>

class QLabel;

namespace keelson::ui {

/// What can be done with several selected rows at once; shown only while there are several.
class BulkBar : public QWidget {
    Q_OBJECT
public:
    explicit BulkBar(const KindInfo& kind, QWidget* parent = nullptr);
    void setCount(int count);

signals:
    void commandRequested(const QString& command);
    void clearRequested();

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QLabel* m_label;
};

/// The commands that a kind's rows offer, by their ids.
QStringList rowCommands(const KindInfo& kind);

} // namespace keelson::ui
