"""Tasks of an operating system that pass packets to each other: classes, methods, attributes.

The shape of the classic Richards benchmark: an idle task, a worker, two handlers and two devices.
"""

WORK = 0
DEVICE = 1
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Packet:
    def __init__(self, target, kind):
        self.target = target
        self.kind = kind
        self.number = 0
        self.letters = [0, 0, 0, 0]


class Task:
    def __init__(self, name, priority):
        self.name = name
        self.priority = priority
        self.queue = []
        self.waiting = False
        self.held = False

    def ready(self):
        if self.held:
            return False
        return not self.waiting or len(self.queue) > 0

    def take(self):
        self.waiting = False
        if self.queue:
            return self.queue.pop(0)
        return None

    def wait(self):
        self.waiting = True

    def step(self, system):
        raise NotImplementedError


class Idle(Task):
    def __init__(self, name, count):
        Task.__init__(self, name, 0)
        self.count = count
        self.control = 1

    def step(self, system):
        self.count -= 1
        if self.count == 0:
            self.held = True
        elif self.control & 1:
            self.control = (self.control >> 1) ^ 0xD008
            system.release("device two")
        else:
            self.control >>= 1
            system.release("device one")


class Worker(Task):
    def __init__(self, name, priority):
        Task.__init__(self, name, priority)
        self.next = "handler one"
        self.letter = 0

    def step(self, system):
        packet = self.take()
        if packet is None:
            self.wait()
            return
        self.next = "handler two" if self.next == "handler one" else "handler one"
        packet.number = 0
        for place in range(4):
            self.letter = (self.letter + 1) % 26
            packet.letters[place] = ord(LETTERS[self.letter])
        system.send(packet, self.next)


class Handler(Task):
    def __init__(self, name, priority, device):
        Task.__init__(self, name, priority)
        self.device = device
        self.work = []
        self.ready_devices = []

    def step(self, system):
        packet = self.take()
        if packet is not None:
            if packet.kind == WORK:
                self.work.append(packet)
            else:
                self.ready_devices.append(packet)
        if not self.work:
            self.wait()
            return
        current = self.work[0]
        if current.number >= 4:
            self.work.pop(0)
            system.send(current, "worker")
        elif self.ready_devices:
            device = self.ready_devices.pop(0)
            device.number = current.letters[current.number]
            current.number += 1
            system.send(device, self.device)
        else:
            self.wait()


class Device(Task):
    def __init__(self, name, priority):
        Task.__init__(self, name, priority)
        self.pending = None

    def step(self, system):
        packet = self.take()
        if packet is not None:
            self.pending = packet
            self.held = True
            system.holds += 1
        elif self.pending is None:
            self.wait()
        else:
            packet = self.pending
            self.pending = None
            system.send(packet, "handler one" if self.name == "device one" else "handler two")


class System:
    def __init__(self):
        self.tasks = []
        self.by_name = {}
        self.sent = 0
        self.holds = 0
        self.steps = 0

    def add(self, task):
        self.tasks.append(task)
        self.by_name[task.name] = task

    def send(self, packet, name):
        self.sent += 1
        packet.target = name
        self.by_name[name].queue.append(packet)

    def release(self, name):
        self.by_name[name].held = False

    def next_task(self):
        best = None
        for task in self.tasks:
            if task.ready() and (best is None or task.priority > best.priority):
                best = task
        return best

    def run(self):
        task = self.next_task()
        while task is not None:
            self.steps += 1
            task.step(self)
            task = self.next_task()


def main(size):
    system = System()
    system.add(Idle("idle", size))
    system.add(Worker("worker", 1000))
    system.add(Handler("handler one", 2000, "device one"))
    system.add(Handler("handler two", 3000, "device two"))
    system.add(Device("device one", 4000))
    system.add(Device("device two", 5000))
    for name, kind in (("worker", WORK), ("handler one", DEVICE), ("handler two", DEVICE)):
        for _ in range(3 if kind == DEVICE else 2):
            system.send(Packet(name, kind), name)
    system.run()
    return system.steps, system.sent, system.holds
