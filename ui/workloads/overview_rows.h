// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/summary.h"
#include "widgets/meter.h"

#include <QWidget>

class QLabel;

namespace keelson::ui {

/// A kind's name, how many there are, and a bar of their states.
class KindCard : public Card {
    Q_OBJECT
public:
    explicit KindCard(const KindInfo& kind, QWidget* parent = nullptr);
    const KindInfo& kind() const { return m_kind; }
    void setCounts(const StatusCounts& counts, bool isLoading);

private:
    const KindInfo& m_kind;
    QLabel* m_number;
    QLabel* m_words;
    Meter* m_meter;
};

/// A line of the overview that opens an object: glyph, name, what, when. Painted, so that a list of them is cheap.
class ItemRow : public QWidget {
    Q_OBJECT
public:
    ItemRow(ItemPtr item, const QString& title, const QString& detail, const QString& right, QWidget* parent = nullptr);

signals:
    void activated(const keelson::ui::ItemPtr& item);

protected:
    void paintEvent(QPaintEvent* event) override;
    void enterEvent(QEnterEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    QSize sizeHint() const override;

private:
    ItemPtr m_item;
    QString m_title, m_detail, m_right;
};

/// A node with what it can carry: CPU, memory and pods as bars.
class NodeRow : public QWidget {
    Q_OBJECT
public:
    explicit NodeRow(const NodeLoad& load, QWidget* parent = nullptr);

signals:
    void activated(const keelson::ui::ItemPtr& item);

protected:
    void mouseReleaseEvent(QMouseEvent* event) override;

private:
    ItemPtr m_node;
};

} // namespace keelson::ui
